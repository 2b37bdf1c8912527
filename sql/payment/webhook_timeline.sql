-- payment/webhook_timeline: the webhook log of these objects: the processed events that tell of money, then the newest.
-- params: ids (text[]), number (text), invoice (text), telling (text[]), now (timestamptz)
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
   and payload @> any (array(
         select case place
                when 'event' then jsonb_build_object('data', jsonb_build_object('object', about))
                when 'data' then jsonb_build_object('object', about)
                else about end
           from unnest(%(ids)s::text[]) as id
          cross join unnest(array['event', 'data', 'object']) as place
          cross join lateral (values (to_jsonb(id)),
                                     (jsonb_build_object('id', id)),
                                     (jsonb_build_object('payment_intent', id)),
                                     (jsonb_build_object('payment_intent', jsonb_build_object('id', id))),
                                     (jsonb_build_object('charge', id)),
                                     (jsonb_build_object('charge', jsonb_build_object('id', id))),
                                     (jsonb_build_object('latest_charge', id))) as mention (about)
          union all
         select jsonb_build_object('data', jsonb_build_object('object', jsonb_build_object('metadata', named)))
           from (values (jsonb_build_object('invoice_number', %(number)s::text), %(number)s::text),
                        (jsonb_build_object('invoice_id', %(invoice)s::text), %(invoice)s::text)) as metadata (named, of)
          where of is not null))
 order by (status = 'processed' and event_type = any (%(telling)s)) desc, created_at desc, event_id
 limit 2000
