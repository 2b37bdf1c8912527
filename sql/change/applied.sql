-- change/applied: whether this step of this plan was committed, by its row in the audit log.
-- params: kind (text), id (text), mark (jsonb)
-- reads: audit_logs
-- limit: 1
select created_at
  from public.audit_logs
 where resource_type = %(kind)s::text
   and resource_id = %(id)s::text
   and details @> %(mark)s::jsonb
 limit 1
