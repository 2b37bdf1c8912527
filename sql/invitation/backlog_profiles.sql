-- invitation/backlog_profiles: the profiles in the portal that have one of many addresses, newest first, with their practices.
-- params: emails (text[], the addresses in lower case)
-- reads: public.users, public.practices, auth.users
select p.id, p.email, p.role, p.is_active, p.practice_id, p.created_at,
       practices.name as practice, practices.status as practice_status,
       exists (select from auth.users u where u.id = p.id and u.deleted_at is null) as has_account,
       lower(btrim(p.email)) as address
  from public.users p
  left join public.practices on practices.id = p.practice_id
 where lower(btrim(p.email)) = any(%(emails)s::text[])
 order by p.created_at desc, p.id
