-- shipping/case: the case that a shipment belongs to; nothing of the patient.
-- params: id (uuid, or null)
-- reads: public.cases
select c.id, c.case_number, c.status
  from public.cases c
 where c.id = %(id)s::uuid
