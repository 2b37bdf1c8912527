-- payment/payments_of_invoice: what the portal recorded as paid or refunded for this invoice, newest first.
-- params: invoice (uuid)
-- reads: payments
-- limit: 200
select id, amount, currency, status, stripe_payment_intent_id, stripe_charge_id, stripe_refund_id, created_at
  from public.payments
 where invoice_id = %(invoice)s
 order by created_at desc, id
 limit 200
