-- shipping/recipient: to whom a label goes, as it was seen; read when the label is made, and kept nowhere.
-- params: shipment (uuid), as_seen (text, see shipping/parcel)
-- reads: public.shipments
select jsonb_build_object('name', s.ship_to -> 'name', 'phone', s.ship_to -> 'phone', 'lines', s.ship_to -> 'lines',
                          'city', s.ship_to -> 'city', 'state', s.ship_to -> 'state',
                          'postal_code', s.ship_to -> 'postal_code',
                          'country', coalesce(nullif(replace(upper(btrim(s.ship_to ->> 'country')), 'USA', 'US'), ''), 'US'))
       as ship_to
  from public.shipments s
 where s.id = %(shipment)s::uuid
   and left(md5(concat_ws('|', (s.ship_to - 'name' - 'phone')::text, s.packages::text, s.service_code)), 12) = %(as_seen)s::text
