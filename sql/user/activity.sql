-- user/activity: what the portal's audit log says of a person's log-ins and account in the last 30 days.
-- params: id (uuid, or null), now (timestamptz)
-- reads: public.audit_logs
-- limit: 100
select l.id, l.action, l.created_at
  from public.audit_logs l
 where (l.user_id = %(id)s::uuid or (l.resource_type = 'user' and l.resource_id = %(id)s::uuid::text))
   and (starts_with(l.action, 'auth.') or starts_with(l.action, 'user.'))
   and l.created_at > %(now)s::timestamptz - interval '30 days'
 order by l.created_at desc, l.id desc
 limit 100
