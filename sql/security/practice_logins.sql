-- security/practice_logins: how many people, of how many practices, did anything from a network in the last 30 days; `contained` are kept out already.
-- params: network (inet), contained (uuid[], people who are kept out), now (timestamptz)
-- reads: public.audit_logs
select count(distinct a.user_id) filter (where a.user_id <> all (%(contained)s::uuid[])) as people,
       count(distinct a.practice_id) filter (where a.user_id <> all (%(contained)s::uuid[])) as practices,
       max(a.created_at) filter (where a.user_id <> all (%(contained)s::uuid[])) as last_at,
       count(distinct a.user_id) filter (where a.user_id = any (%(contained)s::uuid[])) as contained
  from public.audit_logs as a
 where a.user_id is not null
   -- Who tried to log in and failed is no person of ours there; who has not logged in for long may work there all the same.
   and a.action <> 'auth.login_failed'
   and a.created_at > %(now)s::timestamptz - interval '30 days'
   and a.created_at <= %(now)s::timestamptz
   and (a.ip_address && %(network)s::inet
        -- A server that listens on IPv4 and IPv6 notes 203.0.113.7 as ::ffff:203.0.113.7.
        or (family(%(network)s::inet) = 4
            and a.ip_address && ('::ffff:' || host(%(network)s::inet) || '/' || 96 + masklen(%(network)s::inet))::inet))
