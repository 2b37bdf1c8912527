-- payment/hold_invoice: the invoice as it was seen, locked until the transaction ends.
-- params: invoice (uuid), was_status (text), was_amount_due (bigint), was_currency (text), was_updated_at (timestamptz)
-- writes: no row (it locks one of invoices)
-- expects: 1
select id
  from public.invoices
 where id = %(invoice)s::uuid
   and status = %(was_status)s::text
   and amount_due = %(was_amount_due)s::bigint
   and currency = %(was_currency)s::text
   and updated_at = %(was_updated_at)s::timestamptz
   for update
