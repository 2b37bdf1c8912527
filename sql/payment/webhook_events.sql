-- payment/webhook_events: the portal's webhook log for this invoice's PaymentIntents and charges, newest first.
-- params: ids (text[]), number (text), invoice (text)
-- reads: webhook_events
-- limit: 200
select event_id, event_type, status, error, processed_at, created_at,
       payload #>> '{data,object,id}' as object_id
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
           from (values (jsonb_build_object('invoice_number', %(number)s::text)),
                        (jsonb_build_object('invoice_id', %(invoice)s::text))) as metadata (named)))
 order by created_at desc, event_id
 limit 200
