-- payment/invoices: the invoice of this number, however it is spelt, or of this id; the other one is null.
-- params: number (text), id (uuid)
-- reads: invoices, practices
-- limit: 20
select i.id, i.invoice_number, i.amount_due, i.currency, i.status,
       i.stripe_payment_intent_id, coalesce(i.stripe_customer_id, p.stripe_customer_id) as stripe_customer_id,
       i.due_at, i.paid_at, i.created_at, i.updated_at,
       i.practice_id, p.name as practice, p.status as practice_status
  from public.invoices as i
  join public.practices as p on p.id = i.practice_id
 where (%(number)s::text is null
        or upper(i.invoice_number) = upper(%(number)s::text))
   and (%(id)s::uuid is null
        or i.id = %(id)s::uuid)
 order by i.created_at desc
 limit 20
