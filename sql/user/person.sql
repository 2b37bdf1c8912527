-- user/person: the account or profile that an id, an address or a masked address means; of several, the one that logs in.
-- params: id (uuid, or null), emails (text[], the address in lower case; or null), masked (text, a LIKE pattern, or null)
-- reads: auth.users, public.users
-- limit: 20
with accounts as (
  select u.id, lower(u.email) as email, u.is_sso_user,
         exists (select from public.users p where p.id = u.id) as has_profile
    from auth.users u
   where u.id = %(id)s::uuid
      or lower(u.email) = any(%(emails)s::text[])
      or lower(u.email) like %(masked)s::text
), profiles as (
  select p.id, lower(btrim(p.email)) as email, a.id is not null as has_account
    from public.users p
    left join auth.users a on a.id = p.id
   where p.id = %(id)s::uuid
      or lower(btrim(p.email)) = any(%(emails)s::text[])
      or lower(btrim(p.email)) like %(masked)s::text
), persons as (
  select a.id
    from accounts a
   -- Single sign-on comes second, but for an account that has the profile, which the other one has not.
   where not exists (
           select from accounts b
            where b.email = a.email and b.is_sso_user <> a.is_sso_user
              and case when a.is_sso_user then b.has_profile or not a.has_profile
                       else b.has_profile and not a.has_profile end)
   union
  select p.id
    from profiles p
   where (p.id = %(id)s::uuid or not exists (select from accounts a where a.email = p.email))
     and (p.has_account or not exists (select from profiles q where q.email = p.email and q.has_account))
)
select persons.id,
       coalesce(case when a.deleted_at is null then lower(a.email) end, lower(btrim(p.email)), lower(a.email)) as email,
       (%(emails)s::text[])[1] as given,
       %(masked)s::text is not null as by_mask,
       a.id is not null as has_account,
       p.id is not null as has_profile,
       practices.name as practice
  from persons
  left join auth.users a on a.id = persons.id
  left join public.users p on p.id = persons.id
  left join public.practices on practices.id = p.practice_id
 order by persons.id
 limit 20
