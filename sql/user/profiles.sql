-- user/profiles: a person's profile in the portal, and any other with the same address, with their practices.
-- params: id (uuid, or null), emails (text[], the addresses in lower case)
-- reads: public.users, public.practices, auth.users
-- limit: 20
select p.id, p.email, p.role, p.is_active, p.practice_id, p.created_at,
       practices.name as practice, practices.status as practice_status,
       exists (select from auth.users u where u.id = p.id and u.deleted_at is null) as has_account
  from public.users p
  left join public.practices on practices.id = p.practice_id
 where p.id = %(id)s::uuid
    or lower(btrim(p.email)) = any(%(emails)s::text[])
 order by p.created_at desc, p.id
 limit 20
