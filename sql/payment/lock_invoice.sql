-- payment/lock_invoice: the invoice, whatever became of it, locked until the transaction ends.
-- params: invoice (uuid)
-- writes: no row (it locks one of invoices)
-- expects: 1
select id
  from public.invoices
 where id = %(invoice)s::uuid
   for update
