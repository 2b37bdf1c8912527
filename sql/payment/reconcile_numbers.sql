-- payment/reconcile_numbers: the invoice numbers that several invoices have, where case and spaces are not looked at.
-- reads: invoices
select upper(trim(i.invoice_number)) as number
  from public.invoices as i
 group by upper(trim(i.invoice_number))
having count(*) > 1
