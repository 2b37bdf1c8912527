-- payment/claims_elsewhere: other invoices that have these PaymentIntents or charges as their own payment.
-- params: ids (text[]), invoice (uuid)
-- reads: invoices, payments
-- limit: 20
select i.invoice_number, i.status,
       coalesce(y.stripe_payment_intent_id, y.stripe_charge_id, i.stripe_payment_intent_id) as intent
  from public.invoices as i
  left join public.payments as y on y.invoice_id = i.id and y.status <> 'failed'
 where i.id <> %(invoice)s
   and (y.stripe_payment_intent_id = any (%(ids)s::text[])
        or y.stripe_charge_id = any (%(ids)s::text[])
        or (coalesce(y.stripe_payment_intent_id, y.stripe_charge_id) is null
            and i.stripe_payment_intent_id = any (%(ids)s::text[])))
 order by i.invoice_number
 limit 20
