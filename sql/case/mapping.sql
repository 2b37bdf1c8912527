-- case/mapping: every practice with its Salesforce account, and how many cases it has made of late.
-- params: now (timestamptz)
-- reads: practices, cases
select p.id, p.name, p.status, p.salesforce_account_id, count(c.id) as cases
  from public.practices as p
  left join public.cases as c
    on c.practice_id = p.id and c.status <> 'draft' and c.created_at >= %(now)s::timestamptz - interval '90 days'
 group by p.id
 order by p.name, p.id
