-- payment/invoices: the invoices that one identifier fits; the other identifiers are null, and are not looked at.
-- params: number (text), id (uuid), stripe_id (text), email (text), customers (text[])
-- reads: invoices, practices, payments, users
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
   -- a PaymentIntent or a charge, as it is written on the invoice or in its payments rows
   and (%(stripe_id)s::text is null
        or i.stripe_payment_intent_id = %(stripe_id)s::text
        or i.id in (select y.invoice_id
                      from public.payments as y
                     where y.stripe_payment_intent_id = %(stripe_id)s::text
                        or y.stripe_charge_id = %(stripe_id)s::text))
   -- an address: the open invoices of the practice of its user, or of the customers that have it at Stripe
   and (%(email)s::text is null
        or (i.status = 'open'
            and (i.practice_id in (select u.practice_id
                                     from public.users as u
                                    where lower(u.email) = lower(%(email)s::text))
                 or coalesce(i.stripe_customer_id, p.stripe_customer_id) = any (%(customers)s::text[]))))
 order by i.created_at desc
 limit 20
