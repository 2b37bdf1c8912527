-- data/colleagues: who else of a person's practices may manage it: how many active owners, admins and members are left.
-- params: id (uuid, or null), practices (uuid[])
-- reads: public.users, public.practices
-- limit: 20
select p.id as practice_id, p.name as practice, p.status,
       count(u.id) filter (where u.role = 'owner') as owners,
       count(u.id) filter (where u.role = 'admin') as admins,
       count(u.id) as people
  from public.practices p
  left join public.users u on u.practice_id = p.id and u.is_active and u.id is distinct from %(id)s::uuid
 where p.id = any(%(practices)s::uuid[])
 group by p.id, p.name, p.status
 order by p.name
 limit 20
