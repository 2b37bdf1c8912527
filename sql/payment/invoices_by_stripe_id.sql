-- payment/invoices_by_stripe_id: the invoices that this PaymentIntent or charge is written on, or recorded for.
-- params: stripe_id (text)
-- reads: invoices, practices, payments
-- limit: 20
select i.id, i.invoice_number, i.amount_due, i.currency, i.status,
       i.stripe_payment_intent_id, coalesce(i.stripe_customer_id, p.stripe_customer_id) as stripe_customer_id,
       i.due_at, i.paid_at, i.created_at, i.updated_at,
       i.practice_id, p.name as practice, p.status as practice_status
  from public.invoices as i
  join public.practices as p on p.id = i.practice_id
 where i.stripe_payment_intent_id = %(stripe_id)s
    or i.id in (select y.invoice_id
                  from public.payments as y
                 where y.stripe_payment_intent_id = %(stripe_id)s
                    or y.stripe_charge_id = %(stripe_id)s)
 order by i.created_at desc
 limit 20
