-- payment/webhooks_unfinished: the payment events of Stripe's that the portal received in this time and did not process.
-- params: since (timestamptz), until (timestamptz), grace (int), telling (text[]), now (timestamptz)
-- reads: webhook_events
-- limit: 2000
select event_id, event_type, status, error, processed_at, created_at,
       payload #>> '{data,object,id}' as object_id,
       case when payload ->> 'object' = 'event' and payload ->> 'created' ~ '^[0-9]{1,10}$'
            then to_timestamp((payload ->> 'created')::double precision) end as made_at,
       floor(extract(epoch from %(now)s::timestamptz - created_at))::bigint as age_s,
       count(*) filter (where status = 'failed') over () as all_failed,
       count(*) filter (where status <> 'failed') over () as all_unprocessed
  from public.webhook_events
 where provider = 'stripe'
   and created_at between %(since)s and %(until)s
   and status <> 'processed'
   and (status = 'failed' or extract(epoch from %(now)s::timestamptz - created_at) >= %(grace)s + 1)
   and event_type like any (array['payment%%', 'charge.%%', 'refund.%%', 'checkout.session.%%', 'invoice.%%'])
 order by row_number() over (
            partition by status = 'failed' order by event_type = any (%(telling)s) desc, created_at desc, event_id
          ), created_at desc, event_id
 limit 2000
