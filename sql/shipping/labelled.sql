-- shipping/labelled: notes a label on its shipment, where no other has been noted since; its file is another matter.
-- params: shipment (uuid), tracking (text), was_tracking (text, or null), now (timestamptz)
-- writes: public.shipments
-- expects: 1
update public.shipments as s
   set tracking_number = %(tracking)s::text,
       status = 'labelled',
       error_code = null,
       error = null,
       attempted_at = case when s.status = 'labelled' then s.attempted_at else %(now)s::timestamptz end
 where s.id = %(shipment)s::uuid
   and s.carrier = 'ups'
   and s.tracking_number is not distinct from %(was_tracking)s::text
returning id
