-- case/holders: the other cases of the portal that are linked to one of these Salesforce records.
-- params: case (uuid), records (text[], Salesforce ids of 15 or 18 characters)
-- reads: public.cases
-- limit: 20
select c.id, c.case_number, c.status, c.salesforce_case_id
  from public.cases as c
 where c.id <> %(case)s::uuid
   -- The last three of 18 characters only check the first 15.
   and left(c.salesforce_case_id, 15) in (select left(record, 15) from unnest(%(records)s::text[]) as record)
 order by c.case_number, c.id
 limit 20
