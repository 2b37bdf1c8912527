-- case/backlog_shared: the cases that are linked to a Salesforce record to which another case is linked too.
-- reads: public.cases
select c.id, c.case_number, c.status, c.salesforce_case_id
  from public.cases as c
 where left(c.salesforce_case_id, 15) in (select left(one.salesforce_case_id, 15)
                                            from public.cases as one
                                           where one.salesforce_case_id is not null
                                           group by left(one.salesforce_case_id, 15)
                                          having count(*) > 1)
 order by c.case_number, c.id
