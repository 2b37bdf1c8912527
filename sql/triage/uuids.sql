-- triage/uuids: which table has a row of each of these ids, and what the commands call it.
-- params: ids (uuid[])
-- reads: public.users, auth.users, public.invitations, public.invoices, public.payments, public.cases, public.shipments, public.notifications, public.practices, auth.sessions
-- limit: 100
select u.id, 'user' as kind, u.id::text as name from public.users as u where u.id = any (%(ids)s::uuid[])
 union
select a.id, 'user', a.id::text from auth.users as a where a.id = any (%(ids)s::uuid[])
 union all
select n.id, 'invitation', n.id::text from public.invitations as n where n.id = any (%(ids)s::uuid[])
 union all
select i.id, 'invoice', i.invoice_number from public.invoices as i where i.id = any (%(ids)s::uuid[])
 union all
select y.id, 'payment', i.invoice_number
  from public.payments as y
  join public.invoices as i on i.id = y.invoice_id
 where y.id = any (%(ids)s::uuid[])
 union all
select c.id, 'case', c.case_number from public.cases as c where c.id = any (%(ids)s::uuid[])
 union all
select s.id, 'shipment', s.shipment_number from public.shipments as s where s.id = any (%(ids)s::uuid[])
 union all
select m.id, 'notification', m.id::text from public.notifications as m where m.id = any (%(ids)s::uuid[])
 union all
select p.id, 'practice', p.name from public.practices as p where p.id = any (%(ids)s::uuid[])
 union all
select t.id, 'session', t.user_id::text from auth.sessions as t where t.id = any (%(ids)s::uuid[])
 limit 100
