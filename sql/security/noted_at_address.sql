-- security/noted_at_address: for whom else the portal's log notes an address, and what they did, last seen first.
-- params: id (uuid), ip (inet), since (timestamptz), until (timestamptz)
-- reads: public.audit_logs, public.users, public.practices
-- limit: 100
select a.user_id as user, u.email, practices.name as practice, count(*) as times,
       count(*) filter (where a.action = 'auth.login') as logins,
       count(*) filter (where a.action = 'auth.login_failed') as failures,
       min(a.created_at) as first_at, max(a.created_at) as last_at
  from public.audit_logs as a
  left join public.users as u on u.id = a.user_id
  left join public.practices on practices.id = u.practice_id
 where a.ip_address in (%(ip)s::inet,
                        case family(%(ip)s::inet) when 4 then ('::ffff:' || host(%(ip)s::inet))::inet else %(ip)s::inet end)
   and a.user_id is distinct from %(id)s::uuid
   and a.created_at between %(since)s::timestamptz and %(until)s::timestamptz
 group by a.user_id, u.email, practices.name
 order by max(a.created_at) desc, a.user_id
 limit 100
