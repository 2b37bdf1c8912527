-- user/similar: people and invitations whose address resembles one that is not there.
-- params: email (text, in lower case; null where nothing is missing)
-- reads: auth.users, public.users, public.practices, public.invitations
-- limit: 300
with given as (
  select regexp_replace(regexp_replace(split_part(%(email)s::text, '@', 1), '\+[^@]*$', ''), '[._-]', '', 'g') as name,
         split_part(%(email)s::text, '@', 2) as domain
), known as (
  select u.id, lower(u.email) as email from auth.users u where u.deleted_at is null and u.email <> ''
   union
  select p.id, lower(btrim(p.email)) from public.users p
   union
  select null, lower(btrim(i.email)) from public.invitations i
), compared as (
  select known.id, known.email, split_part(known.email, '@', 2) as domain,
         regexp_replace(regexp_replace(split_part(known.email, '@', 1), '\+[^@]*$', ''), '[._-]', '', 'g') as name
    from known
)
select compared.id, compared.email, practices.name as practice, %(email)s::text as missed
  from given
 cross join compared
  left join public.users p on p.id = compared.id
  left join public.practices on practices.id = p.practice_id
 where compared.email <> %(email)s::text
   and (compared.domain = given.domain
        or compared.name = given.name
        or (left(compared.name, 3) = left(given.name, 3) and left(compared.domain, 3) = left(given.domain, 3)))
 order by (compared.name = given.name) desc, (left(compared.name, 3) = left(given.name, 3)) desc, compared.email,
          compared.id
 limit 300
