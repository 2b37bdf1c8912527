-- data/audit: how many rows of the audit log are the person's own, and how many more mention the id or an address.
-- params: user (uuid, or null)
-- reads: public.audit_logs, public.users, auth.users
select count(*) filter (where l.user_id = %(user)s::uuid) as own,
       count(*) filter (where l.user_id is distinct from %(user)s::uuid) as mentions
  from public.audit_logs l
 cross join (
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
