-- data/delete_audit: deletes a person's own rows of the audit log.
-- params: user (uuid)
-- writes: public.audit_logs
-- expects: 0-100000000
delete from public.audit_logs
 where user_id = %(user)s::uuid
returning id
