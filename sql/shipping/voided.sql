-- shipping/voided: notes that the label which a shipment holds was taken back at UPS.
-- params: shipment (uuid), tracking (text)
-- writes: public.shipments
-- expects: 1
update public.shipments as s
   set status = 'voided'
 where s.id = %(shipment)s::uuid
   and s.tracking_number = %(tracking)s::text
returning id
