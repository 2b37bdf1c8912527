-- data/pseudonymise_audit: puts a pseudonym in a person's place in the audit log, and takes out what names them: addresses, agent, details.
-- params: user (uuid), pseudonym (uuid)
-- writes: public.audit_logs
-- expects: 0-100000000
update public.audit_logs as l
   set user_id = case when l.user_id = %(user)s::uuid then %(pseudonym)s::uuid else l.user_id end,
       resource_id = case when l.resource_id = %(user)s::uuid::text then %(pseudonym)s::text else l.resource_id end,
       ip_address = case when l.user_id = %(user)s::uuid then null else l.ip_address end,
       user_agent = case when l.user_id = %(user)s::uuid then null else l.user_agent end,
       details = case jsonb_typeof(l.details) when 'object' then (
         select coalesce(jsonb_object_agg(d.key, d.value), '{}')
           from jsonb_each(l.details) as d
          where not (lower(d.key || ' ' || d.value) like any(named.likes)
                     and lower(d.key || ' ' || d.value) ~ any(named.wholes))
            -- What was done to the person may tell an address that they had before.
            and not (l.resource_id = %(user)s::uuid::text and position('@' in d.value::text) > 0)
            and not ((l.user_id = %(user)s::uuid or l.resource_id = %(user)s::uuid::text)
                     and lower(d.key) = any('{email,e_mail,name,full_name,first_name,last_name,phone,ip,ip_address,user_agent,address,changes,reason}'))
       ) else '{}' end
  from (
  with address as (
    -- Each as a whole one (joanna@x is not anna@x), and only where nobody else has it.
    select lower(btrim(p.email)) as email from public.users p where p.id = %(user)s::uuid and btrim(p.email) <> ''
     union
    select lower(a.email) from auth.users a where a.id = %(user)s::uuid and a.email <> ''
  ), own as (
    select a.email
      from address a
     where not exists (select from public.users o where lower(btrim(o.email)) = a.email and o.id <> %(user)s::uuid)
       and not exists (select from auth.users o where lower(o.email) = a.email and o.id <> %(user)s::uuid)
  ), word as (
    select %(user)s::uuid::text as plain, %(user)s::uuid::text as whole
     union all
    select o.email, '(^|[^[:alnum:]._%%+-]|\\[nrt])' || regexp_replace(o.email, '([]*.+?(){}^$|\\[])', '\\\1', 'g')
                    || '($|[^[:alnum:].-]|\.([^[:alnum:]]|$))'
      from own o
  ), pattern as materialized (
    -- A pattern of LIKE finds in a third of the time what the expression then makes sure of.
    select array_agg('%%' || regexp_replace(w.plain, '([\\%%_])', '\\\1', 'g') || '%%') as likes, array_agg(w.whole) as wholes
      from word w
  )
  select p.likes, p.wholes from pattern p) as named
 where l.user_id = %(user)s::uuid
    or l.resource_id = %(user)s::uuid::text
    or (lower(l.details::text) like any(named.likes) and lower(l.details::text) ~ any(named.wholes))
returning id
