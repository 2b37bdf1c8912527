-- change/audit: says in the portal's audit log what was changed, by whom and why; it also marks the step as applied.
-- params: action (text), kind (text), id (text), practice (uuid), details (jsonb), now (timestamptz)
-- writes: audit_logs
-- expects: 1
insert into public.audit_logs (practice_id, action, resource_type, resource_id, details, created_at)
values (%(practice)s::uuid, %(action)s::text, %(kind)s::text, %(id)s::text, %(details)s::jsonb, %(now)s::timestamptz)
returning id
