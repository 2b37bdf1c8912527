-- triage/stripe_ids: which invoice a customer, refund, dispute, checkout session, invoice or event of Stripe's is about, as far as the portal was told.
-- params: id (text)
-- reads: public.invoices, public.practices, public.payments, public.webhook_events
-- limit: 5
with told as (
  select w.payload #> '{data,object}' as about
    from public.webhook_events as w
   where w.provider = 'stripe'
     and (w.event_id = %(id)s::text
          or w.payload @> jsonb_build_object('data', jsonb_build_object('object', jsonb_build_object('id', %(id)s::text))))
   order by w.created_at desc
   limit 20
), named as (
  select about ->> 'id' as id from told
   union
  select coalesce(about #>> '{payment_intent,id}', about ->> 'payment_intent') from told
   union
  select coalesce(about #>> '{charge,id}', about ->> 'charge') from told
), numbered as (
  select about #>> '{metadata,invoice_number}' as number from told
), hits as (
  select i.invoice_number as name, i.created_at
    from public.invoices as i
    join public.practices as p on p.id = i.practice_id
   where i.stripe_payment_intent_id in (select id from named)
      or i.invoice_number in (select number from numbered)
      or i.id in (select y.invoice_id
                    from public.payments as y
                   where y.stripe_refund_id = %(id)s::text
                      or y.stripe_payment_intent_id in (select id from named)
                      or y.stripe_charge_id in (select id from named))
      -- Of a customer's invoices only those that wait for money.
      or (i.status = 'open' and coalesce(i.stripe_customer_id, p.stripe_customer_id) = %(id)s::text)
)
select distinct name, created_at from hits order by created_at desc limit 5
