-- data/shared: which of a person's addresses somebody else has too, in the portal or in Supabase Auth.
-- params: id (uuid, or null), emails (text[], the address in lower case)
-- reads: public.users, auth.users
-- limit: 50
select lower(btrim(p.email)) as email
  from public.users p
 where lower(btrim(p.email)) = any(%(emails)s::text[]) and p.id is distinct from %(id)s::uuid
 union
select lower(a.email)
  from auth.users a
 where lower(a.email) = any(%(emails)s::text[]) and a.id is distinct from %(id)s::uuid
 order by email
 limit 50
