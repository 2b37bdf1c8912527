-- payment/webhooks_received: what the portal's webhook log has of these events of Stripe's.
-- params: ids (text[]), now (timestamptz)
-- reads: webhook_events
select event_id, event_type, status, error, processed_at, created_at,
       payload #>> '{data,object,id}' as object_id,
       case when payload ->> 'object' = 'event' and payload ->> 'created' ~ '^[0-9]{1,10}$'
            then to_timestamp((payload ->> 'created')::double precision) end as made_at,
       floor(extract(epoch from %(now)s::timestamptz - created_at))::bigint as age_s
  from public.webhook_events
 where provider = 'stripe'
   and event_id = any (%(ids)s)
 order by created_at desc, event_id
