-- shipping/practice: the practice of a shipment, and the UPS account that it ships on.
-- params: id (uuid)
-- reads: public.practices
select p.id, p.name as practice, p.status, nullif(btrim(p.ups_account_number), '') as account
  from public.practices p
 where p.id = %(id)s::uuid
