-- payment/entered_payments: which of this invoice's payments rows a user entered, and who; the portal's own name nobody.
-- params: invoice (uuid)
-- reads: payments
-- limit: 200
select id, created_by
  from public.payments
 where invoice_id = %(invoice)s
   and created_by is not null
 order by created_at desc, id
 limit 200
