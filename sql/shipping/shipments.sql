-- shipping/shipments: the shipment that a number, an id or a tracking number means.
-- params: number (text, or null), id (uuid, or null), tracking (text, or null), account (text, or null: whichever)
-- reads: public.shipments, public.practices
-- limit: 20
select s.id, s.shipment_number, s.case_id, s.practice_id, s.carrier, s.status, s.tracking_number, s.created_at
  from public.shipments s
  left join public.practices p on p.id = s.practice_id
 where (s.id = %(id)s::uuid
        or upper(s.shipment_number) = upper(%(number)s::text)
        or upper(s.tracking_number) = upper(%(tracking)s::text))
   and (%(account)s::text is null or upper(btrim(p.ups_account_number)) = upper(%(account)s::text))
 order by s.created_at desc, s.id
 limit 20
