-- shipping/backlog_counts: how many shipments with UPS a window has, by what the portal stores of each.
-- params: since (timestamptz), until (timestamptz)
-- reads: public.shipments
select s.status, count(*) as shipments
  from public.shipments as s
 where s.created_at between %(since)s::timestamptz and %(until)s::timestamptz
   and s.carrier = 'ups'
 group by s.status
 order by s.status
