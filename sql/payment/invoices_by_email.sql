-- payment/invoices_by_email: the open invoices of the practice of the user with this address, or of these customers.
-- params: email (text), customers (text[])
-- reads: invoices, practices, users
-- limit: 20
select i.id, i.invoice_number, i.amount_due, i.currency, i.status,
       i.stripe_payment_intent_id, coalesce(i.stripe_customer_id, p.stripe_customer_id) as stripe_customer_id,
       i.due_at, i.paid_at, i.created_at, i.updated_at,
       i.practice_id, p.name as practice, p.status as practice_status
  from public.invoices as i
  join public.practices as p on p.id = i.practice_id
 where i.status = 'open'
   and (i.practice_id in (select u.practice_id
                            from public.users as u
                           where lower(u.email) = lower(%(email)s))
        or coalesce(i.stripe_customer_id, p.stripe_customer_id) = any (%(customers)s))
 order by i.created_at desc
 limit 20
