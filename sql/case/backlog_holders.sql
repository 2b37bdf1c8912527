-- case/backlog_holders: the cases that are linked to one of these Salesforce records.
-- params: records (text[], Salesforce ids of 15 or 18 characters)
-- reads: public.cases
select c.id, c.case_number, c.status, c.salesforce_case_id
  from public.cases as c
 -- The last three of 18 characters only check the first 15.
 where left(c.salesforce_case_id, 15) in (select left(record, 15) from unnest(%(records)s::text[]) as record)
 order by c.case_number, c.id
