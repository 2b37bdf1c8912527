-- shipping/shipments_of_case: the shipments of the case that a number or an id means.
-- params: number (text, or null), id (uuid, or null)
-- reads: public.shipments, public.cases
-- limit: 20
select s.id, s.shipment_number, s.case_id, s.practice_id, s.carrier, s.status, s.tracking_number, s.created_at
  from public.shipments s
  join public.cases on cases.id = s.case_id
 where cases.id = %(id)s::uuid
    or upper(cases.case_number) = upper(%(number)s::text)
 order by s.created_at desc, s.id
 limit 20
