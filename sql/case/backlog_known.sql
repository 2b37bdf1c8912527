-- case/backlog_known: of a window's submitted cases the Salesforce accounts, and the shapes of their subjects: crown CASE-####.
-- params: since (timestamptz), until (timestamptz)
-- reads: public.cases, public.practices
select array_agg(distinct p.salesforce_account_id) filter (where btrim(p.salesforce_account_id) <> '') as accounts,
       array_agg(distinct c.case_type || ' ' || regexp_replace(c.case_number, '[0-9]', '#', 'g')) as shapes
  from public.cases as c
  join public.practices as p on p.id = c.practice_id
 where c.created_at between %(since)s and %(until)s
   and c.status <> 'draft'
