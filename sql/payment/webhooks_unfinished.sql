-- payment/webhooks_unfinished: the payment events of Stripe's that the portal received in this time and did not process.
-- params: since (timestamptz), until (timestamptz), now (timestamptz)
-- reads: webhook_events
-- limit: 2000
select event_id, event_type, status, error, processed_at, created_at,
       payload #>> '{data,object,id}' as object_id,
       case when payload ->> 'object' = 'event' and payload ->> 'created' ~ '^[0-9]{1,10}$'
            then to_timestamp((payload ->> 'created')::double precision) end as made_at,
       floor(extract(epoch from %(now)s::timestamptz - created_at))::bigint as age_s,
       count(*) over () as total
  from public.webhook_events
 where provider = 'stripe'
   and created_at between %(since)s and %(until)s
   and status <> 'processed'
   and event_type like any (array['payment%%', 'charge.%%', 'refund.%%', 'checkout.session.%%', 'invoice.%%'])
 order by created_at desc, event_id
 limit 2000
