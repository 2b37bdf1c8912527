-- security/traces: a person of whom neither an account nor a profile is left, but the portal's log tells.
-- params: id (uuid)
-- reads: public.audit_logs
select a.user_id as id, null::text as email, null::text as given, false as by_mask, false as has_account,
       false as has_profile, null::text as practice
  from public.audit_logs as a
 where a.user_id = %(id)s::uuid
 limit 1
