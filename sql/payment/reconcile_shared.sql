-- payment/reconcile_shared: PaymentIntents and charges that several invoices name, and charges recorded by their id alone.
-- reads: invoices, payments
select named.id, null::uuid as invoice_id
  from (select i.stripe_payment_intent_id as id, i.id as invoice
          from public.invoices as i
         union
        select y.stripe_payment_intent_id, y.invoice_id
          from public.payments as y
         union
        select y.stripe_charge_id, y.invoice_id
          from public.payments as y) as named
 where named.id is not null
 group by named.id
having count(*) > 1
 union
select alone.stripe_charge_id, alone.invoice_id
  from public.payments as alone
 where alone.stripe_payment_intent_id is null
   and alone.stripe_charge_id is not null
