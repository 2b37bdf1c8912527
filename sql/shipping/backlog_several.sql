-- shipping/backlog_several: the cases of which a window has several shipments of one direction, none of them voided.
-- params: since (timestamptz), until (timestamptz)
-- reads: public.shipments, public.cases
-- limit: 50
select c.case_number, s.direction, array_agg(s.shipment_number order by s.created_at, s.id) as shipments
  from public.shipments as s
  join public.cases as c on c.id = s.case_id
 where s.created_at between %(since)s::timestamptz and %(until)s::timestamptz
   and s.carrier = 'ups'
   and s.status <> 'voided'
 group by c.case_number, s.direction
having count(*) > 1
 order by max(s.created_at) desc, c.case_number
 limit 50
