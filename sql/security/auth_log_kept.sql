-- security/auth_log_kept: whether Supabase Auth writes its log into the database at all; it can be switched off.
-- reads: auth.audit_log_entries
select exists(select from auth.audit_log_entries) as kept
