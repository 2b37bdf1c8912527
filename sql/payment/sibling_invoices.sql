-- payment/sibling_invoices: payments of this amount for other invoices of the same practice or customer, nearest first.
-- params: invoice (uuid)
-- reads: invoices, practices, payments
-- limit: 50
select other.invoice_number, other.status, paid.amount, paid.currency, paid.stripe_payment_intent_id,
       paid.stripe_charge_id, paid.created_at
  from public.invoices as mine
  join public.practices as payer on payer.id = mine.practice_id
  join public.invoices as other
    on other.id <> mine.id
   and (other.practice_id = mine.practice_id
        or other.stripe_customer_id = coalesce(mine.stripe_customer_id, payer.stripe_customer_id))
  join public.payments as paid
    on paid.invoice_id = other.id
   and paid.status = 'succeeded'
   and paid.stripe_refund_id is null
   and paid.amount = mine.amount_due
   and lower(paid.currency) = lower(mine.currency)
 where mine.id = %(invoice)s
   and other.status <> 'refunded'
   and not exists (select 1
                     from public.payments as back
                    where back.invoice_id = other.id
                      and back.status in ('refund_pending', 'refunded')
                      and back.amount >= paid.amount)
 order by abs(extract(epoch from paid.created_at - coalesce(mine.paid_at, mine.created_at))), paid.id
 limit 50
