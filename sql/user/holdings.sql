-- user/holdings: what a member of each of these practices sees: how many invoices, cases, shipments and colleagues.
-- params: practices (uuid[])
-- reads: public.practices, public.invoices, public.cases, public.shipments, public.users
-- limit: 20
select p.id as practice_id, p.name as practice,
       (select count(*) from public.invoices i where i.practice_id = p.id) as invoices,
       (select count(*) from public.cases c where c.practice_id = p.id) as cases,
       (select count(*) from public.shipments s where s.practice_id = p.id) as shipments,
       (select count(*) from public.users u where u.practice_id = p.id) as users
  from public.practices p
 where p.id = any(%(practices)s::uuid[])
 order by p.name, p.id
 limit 20
