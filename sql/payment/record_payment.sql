-- payment/record_payment: adds the row of a payment that Stripe took, unless its charge or PaymentIntent has one.
-- params: invoice (uuid), amount (bigint), currency (text), intent (text), charge (text), now (timestamptz)
-- writes: payments
-- expects: 1
insert into public.payments
       (invoice_id, amount, currency, status, stripe_payment_intent_id, stripe_charge_id, created_at)
select %(invoice)s::uuid, %(amount)s::bigint, %(currency)s::text, 'succeeded', %(intent)s::text,
       %(charge)s::text, %(now)s::timestamptz
 where not exists (select 1
                     from public.payments
                    where invoice_id = %(invoice)s::uuid
                      and stripe_refund_id is null
                      and status = 'succeeded'
                      and (stripe_charge_id = %(charge)s::text
                           or (stripe_charge_id is null and stripe_payment_intent_id = %(intent)s::text)))
returning id
