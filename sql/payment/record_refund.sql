-- payment/record_refund: adds the row of a refund that is on its way, unless the portal has recorded it meanwhile.
-- params: invoice (uuid), amount (bigint), currency (text), intent (text), charge (text), refund (text),
--   now (timestamptz)
-- writes: payments
-- expects: 0-1
insert into public.payments
       (invoice_id, amount, currency, status, stripe_payment_intent_id, stripe_charge_id, stripe_refund_id, created_at)
select %(invoice)s::uuid, %(amount)s::bigint, %(currency)s::text, 'refund_pending', %(intent)s::text,
       %(charge)s::text, %(refund)s::text, %(now)s::timestamptz
 where not exists (select 1
                     from public.payments
                    where stripe_refund_id = %(refund)s::text)
returning id
