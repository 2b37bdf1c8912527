-- security/hunt_log: what the portal's log shows of everybody, by person and in order of time; reading comes by the hour, other work by the day.
-- params: since (timestamptz), begin (timestamptz, from when on other work is told too), until (timestamptz)
-- reads: public.audit_logs, public.users, public.cases
with noted as (
  select a.id, a.created_at, a.action, a.ip_address, left(a.user_agent, 500) as user_agent, a.practice_id,
         case when a.resource_type = 'case' and a.resource_id ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
              then a.resource_id::uuid end as case_id,
         upper(substring(a.details ->> 'country' from '^[A-Za-z]{2}$')) as country,
         substring(coalesce(a.details ->> 'rows', a.details ->> 'count') from '^[0-9]{1,9}$')::bigint as rows,
         -- What is noted without a person is of the one that it is about.
         coalesce(a.user_id, case when a.resource_type = 'user' and a.resource_id ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
                                  then a.resource_id::uuid end) as user_id,
         case when a.action = 'auth.login' then 'login'
              when a.action = 'auth.login_failed' then 'login_failed'
              when a.action like '%%.viewed' then 'read'
              when a.action like '%%.exported' or a.action like '%%.downloaded' then 'export'
              when a.action ~ '^(user|auth)\.(role|pass[a-z]+|email|mfa|factor|second_factor|api_key)_?[a-z]*$' then 'privilege'
              else 'noted'
         end as kind
    from public.audit_logs as a
   where a.created_at between %(since)s::timestamptz and %(until)s::timestamptz
), told as (
  select n.user_id, n.created_at as at, n.created_at as last_at, n.kind, host(n.ip_address) as ip, n.user_agent as agent,
         n.country, null::text as practice, null::bigint as rows, 'audit_logs ' || n.id as line
    from noted as n
   where n.kind in ('login', 'login_failed', 'privilege')
   union all
  select n.user_id, min(n.created_at), max(n.created_at), n.kind, host(n.ip_address), n.user_agent, min(n.country),
         coalesce(c.practice_id, n.practice_id)::text, sum(coalesce(n.rows, 1))::bigint,
         'audit_logs ' || min(n.id) || case when count(*) > 1 then ' and ' || count(*) - 1 || ' more' else '' end
    from noted as n
    left join public.cases as c on c.id = n.case_id
   where n.kind in ('read', 'export')
   group by n.user_id, n.kind, n.action, n.ip_address, n.user_agent, coalesce(c.practice_id, n.practice_id),
            date_trunc('hour', n.created_at, 'UTC')
   union all
  select n.user_id, min(n.created_at), max(n.created_at), n.kind, host(n.ip_address), n.user_agent, min(n.country),
         null, null, 'audit_logs ' || min(n.id)
    from noted as n
   where n.kind = 'noted'
     and n.created_at >= %(begin)s::timestamptz
   group by n.user_id, n.kind, n.action, n.ip_address, n.user_agent, date_trunc('day', n.created_at, 'UTC')
), moved as (
  -- Who was of another practice until then is not held to the present one for what came before.
  select lower(a.resource_id) as person, max(a.created_at) as at
    from public.audit_logs as a
   where a.action = 'user.practice_set'
     and a.resource_type = 'user'
     and a.created_at between %(since)s::timestamptz and %(until)s::timestamptz
   group by lower(a.resource_id)
)
select t.user_id::text as user, t.at, t.last_at, t.kind, t.ip, t.agent, t.country, null::text as asn, null::text as session,
       t.practice,
       -- Our own people belong to no practice: they look after all of them.
       case when u.role <> 'staff' and (m.at is null or t.at > m.at) then u.practice_id::text end as home,
       t.rows, 'portal' as source, t.line
  from told as t
  left join public.users as u on u.id = t.user_id
  left join moved as m on m.person = t.user_id::text
 where t.user_id is not null
 order by t.user_id, t.at, t.line
