-- case/link: links a case to its record in Salesforce, if it is linked as it was seen, or to this very record by now.
-- params: case (uuid), record (text, a Salesforce id), was_record (text, or null), now (timestamptz)
-- writes: public.cases
-- expects: 1
update public.cases as c
   set salesforce_case_id = %(record)s::text,
       -- What was closed meanwhile stays closed.
       status = case c.status when 'closed' then 'closed' else 'synced' end,
       sync_error = null,
       sync_attempted_at = %(now)s::timestamptz
 where c.id = %(case)s::uuid
   and c.status <> 'draft'
   and (c.salesforce_case_id is not distinct from %(was_record)s::text
        or left(c.salesforce_case_id, 15) = left(%(record)s::text, 15))
   and not exists (select 1
                     from public.cases as other
                    where other.id <> c.id
                      and left(other.salesforce_case_id, 15) = left(%(record)s::text, 15))
returning id
