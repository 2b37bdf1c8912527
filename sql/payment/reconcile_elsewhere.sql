-- payment/reconcile_elsewhere: the invoices outside of a window that these objects of Stripe's belong to, newest first.
-- params: ids (text[]), numbers (text[]), since (timestamptz), until (timestamptz)
-- reads: invoices, practices, payments
select i.id, i.invoice_number, i.amount_due, i.currency, i.status,
       i.stripe_payment_intent_id, coalesce(i.stripe_customer_id, p.stripe_customer_id) as stripe_customer_id,
       i.due_at, i.paid_at, i.created_at, i.updated_at,
       i.practice_id, p.name as practice, p.status as practice_status,
       y.id as payment_id, y.amount as payment_amount, y.currency as payment_currency, y.status as payment_status,
       y.stripe_payment_intent_id as payment_stripe_payment_intent_id,
       y.stripe_charge_id as payment_stripe_charge_id, y.stripe_refund_id as payment_stripe_refund_id,
       y.created_at as payment_created_at
  from public.invoices as i
  join public.practices as p on p.id = i.practice_id
  left join public.payments as y on y.invoice_id = i.id
 where (i.stripe_payment_intent_id = any (%(ids)s::text[])
        or upper(trim(i.invoice_number)) = any (%(numbers)s::text[])
        or i.id in (select made.invoice_id
                      from public.payments as made
                     where made.stripe_payment_intent_id = any (%(ids)s::text[])
                        or made.stripe_charge_id = any (%(ids)s::text[])))
   and i.created_at not between %(since)s and %(until)s
   and (i.paid_at is null or i.paid_at not between %(since)s and %(until)s)
   and i.id not in (select made.invoice_id
                      from public.payments as made
                     where made.created_at between %(since)s and %(until)s)
 order by i.created_at desc, i.id, y.created_at desc, y.id
