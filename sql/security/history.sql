-- security/history: what the portal's log holds of one person, newest first; reading comes by the hour, other work by the day; failed log-ins push nothing else out.
-- params: id (uuid), since (timestamptz), until (timestamptz)
-- reads: public.audit_logs, public.users, public.cases
-- limit: 3000
with noted as (
  select a.id, a.created_at, a.action, a.ip_address, left(a.user_agent, 500) as user_agent, a.practice_id,
         case when a.resource_type = 'case' and a.resource_id ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
              then a.resource_id::uuid end as case_id,
         upper(substring(a.details ->> 'country' from '^[A-Za-z]{2}$')) as country,
         substring(coalesce(a.details ->> 'rows', a.details ->> 'count') from '^[0-9]{1,9}$')::bigint as rows,
         case when a.action = 'auth.login' then 'login'
              when a.action = 'auth.login_failed' then 'login_failed'
              when a.action like '%%.viewed' then 'read'
              when a.action like '%%.exported' or a.action like '%%.downloaded' then 'export'
              when a.action ~ '^(user|auth)\.(role|pass[a-z]+|email|mfa|factor|second_factor|api_key)_?[a-z]*$' then 'privilege'
              else 'noted'
         end as kind
    from public.audit_logs as a
   where a.created_at between %(since)s::timestamptz and %(until)s::timestamptz
     -- What is noted without a person is of the one that it is about.
     and (a.user_id = %(id)s::uuid
          or (a.user_id is null and a.resource_type = 'user' and a.resource_id in (%(id)s::uuid::text, upper(%(id)s::uuid::text))))
), placed as (
  select noted.id, noted.created_at, noted.action, noted.ip_address, noted.user_agent, noted.country, noted.rows, noted.kind,
         coalesce(c.practice_id, noted.practice_id) as practice,
         case noted.kind when 'read' then date_trunc('hour', noted.created_at, 'UTC')
                         when 'export' then date_trunc('hour', noted.created_at, 'UTC')
                         when 'noted' then date_trunc('day', noted.created_at, 'UTC')
                         else noted.created_at end as span
    from noted
    left join public.cases as c on c.id = noted.case_id
), moved as (
  select max(a.created_at) as at
    from public.audit_logs as a
   where a.action = 'user.practice_set'
     and a.resource_type = 'user'
     and a.resource_id in (%(id)s::uuid::text, upper(%(id)s::uuid::text))
     and a.created_at between %(since)s::timestamptz and %(until)s::timestamptz
), told as (
  select %(id)s::uuid as user, min(p.created_at) as at, p.kind, host(p.ip_address) as ip, p.user_agent as agent,
         min(p.country) as country, null::text as asn, null::text as session,
         (case when p.kind in ('read', 'export') then p.practice end)::text as practice,
         -- Our own people belong to no practice; who was moved is not held to the present one for what came before.
         (select case when u.role <> 'staff' and (moved.at is null or min(p.created_at) > moved.at) then u.practice_id::text end
            from public.users as u cross join moved where u.id = %(id)s::uuid) as home,
         case when p.kind in ('read', 'export') then sum(coalesce(p.rows, 1))::bigint end as rows, 'portal' as source,
         'audit_logs ' || min(p.id) || case when count(*) > 1 then ' and ' || count(*) - 1 || ' more' else '' end as line,
         p.action, count(*) as times, max(p.created_at) as last_at
    from placed as p
   group by p.kind, p.action, p.ip_address, p.user_agent, case when p.kind in ('read', 'export') then p.practice end, p.span,
            case when p.kind in ('read', 'export', 'noted') then null else p.id end
), kept as (
  select told.user, told.at, told.kind, told.ip, told.agent, told.country, told.asn, told.session, told.practice, told.home,
         told.rows, told.source, told.line, told.action, told.times, told.last_at,
         row_number() over (partition by told.kind = 'login_failed' order by told.at desc, told.line desc) as place,
         count(*) over (partition by told.kind = 'login_failed') as every
    from told
)
select kept.user, kept.at, kept.kind, kept.ip, kept.agent, kept.country, kept.asn, kept.session, kept.practice, kept.home,
       kept.rows, kept.source, kept.line, kept.action, kept.times, kept.last_at,
       kept.every > case when kept.kind = 'login_failed' then 1000 else 2000 end as left_off
  from kept
 where kept.place <= case when kept.kind = 'login_failed' then 1000 else 2000 end
 order by kept.at desc, kept.line desc
 limit 3000
