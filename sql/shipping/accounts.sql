-- shipping/accounts: every practice with its UPS account number, and how many shipments it has made of late.
-- params: now (timestamptz)
-- reads: public.practices, public.shipments
select p.id, p.name as practice, p.status, nullif(btrim(p.ups_account_number), '') as account, count(s.id) as shipments
  from public.practices as p
  left join public.shipments as s
    on s.practice_id = p.id and s.carrier = 'ups' and s.created_at >= %(now)s::timestamptz - interval '90 days'
 group by p.id
 order by p.name, p.id
