-- security/hunt_auth_events: what Supabase Auth's own log holds of everybody: changes of how one may get in, and log-ins that the portal has not noted.
-- params: since (timestamptz), until (timestamptz), actions (text[])
-- reads: auth.audit_log_entries, public.users, public.audit_logs
select e.id, e.payload ->> 'actor_id' as user, e.created_at, e.payload ->> 'action' as action,
       nullif(e.ip_address, '') as ip, false as by_another, u.practice_id, u.role
  from auth.audit_log_entries as e
  left join public.users as u on u.id::text = e.payload ->> 'actor_id'
 where e.created_at between %(since)s::timestamptz and %(until)s::timestamptz
   and e.payload ->> 'actor_id' is not null
   and (e.payload ->> 'action' = any(%(actions)s::text[])
        or (e.payload ->> 'action' = 'login'
            and not exists (select from public.audit_logs as a
                             where a.user_id = u.id
                               and a.action = 'auth.login'
                               and a.created_at between e.created_at - interval '10 minutes' and e.created_at + interval '10 minutes')))
 order by e.created_at, e.id
