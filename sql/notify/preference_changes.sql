-- notify/preference_changes: who changed a person's notification preferences, and when, as far as the portal logs it.
-- params: id (uuid)
-- reads: public.audit_logs
-- limit: 20
select a.id, a.action, a.user_id as by_id, coalesce(a.user_id = %(id)s::uuid, false) as by_self, a.created_at,
       substring(a.details ->> 'channel' from '^(email|in_app)$') as channel,
       substring(a.details ->> 'type' from '^[a-z_]{1,40}$') as type,
       case a.details ->> 'enabled' when 'true' then true when 'false' then false end as enabled
  from public.audit_logs a
 where a.resource_type = 'user'
   and a.resource_id = %(id)s::uuid::text
   and (a.action = 'user.preferences_changed' or starts_with(a.action, 'preferences.'))
 order by a.created_at desc, a.id desc
 limit 20
