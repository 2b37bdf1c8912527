-- case/hold: the case as it was seen, locked until the transaction ends.
-- params: case (uuid), was_status (text), was_record (text, or null), was_attempted_at (timestamptz, or null)
-- writes: no row (it locks one of public.cases)
-- expects: 1
select id
  from public.cases
 where id = %(case)s::uuid
   and status = %(was_status)s::text
   and salesforce_case_id is not distinct from %(was_record)s::text
   and sync_attempted_at is not distinct from %(was_attempted_at)s::timestamptz
   for update
