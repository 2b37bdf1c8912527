-- security/by_address: who else had a session from an address, last seen first.
-- params: id (uuid), ip (inet), since (timestamptz), until (timestamptz)
-- reads: auth.sessions, public.users, public.practices
-- limit: 100
select s.user_id as user, u.email, practices.name as practice, count(*) as sessions,
       min(s.created_at) as first_at, max(greatest(s.refreshed_at at time zone 'UTC', s.updated_at, s.created_at)) as last_at
  from auth.sessions as s
  left join public.users as u on u.id = s.user_id
  left join public.practices on practices.id = u.practice_id
 -- A server that listens on both writes IPv4 as ::ffff:203.0.113.9.
 where s.ip in (%(ip)s::inet,
                case family(%(ip)s::inet) when 4 then ('::ffff:' || host(%(ip)s::inet))::inet else %(ip)s::inet end)
   and s.user_id <> %(id)s::uuid
   and greatest(s.refreshed_at at time zone 'UTC', s.updated_at, s.created_at)
       between %(since)s::timestamptz and %(until)s::timestamptz
 group by s.user_id, u.email, practices.name
 order by max(greatest(s.refreshed_at at time zone 'UTC', s.updated_at, s.created_at)) desc, s.user_id
 limit 100
