-- payment/mark_invoice_paid: sets the invoice to paid, if it still is what was seen.
-- params: invoice (uuid), was_status (text), was_amount_due (bigint), was_currency (text), was_updated_at (timestamptz),
--   intent (text), paid_at (timestamptz), now (timestamptz)
-- writes: invoices
-- expects: 1
update public.invoices
   set status = 'paid',
       paid_at = %(paid_at)s::timestamptz,
       stripe_payment_intent_id = coalesce(stripe_payment_intent_id, %(intent)s::text),
       updated_at = %(now)s::timestamptz
 where id = %(invoice)s::uuid
   and status = %(was_status)s::text
   and amount_due = %(was_amount_due)s::bigint
   and currency = %(was_currency)s::text
   and updated_at = %(was_updated_at)s::timestamptz
returning id
