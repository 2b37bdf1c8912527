-- security/revoked: when a person was contained or released, by the portal's audit log, newest first.
-- params: id (uuid, or null), now (timestamptz)
-- reads: public.audit_logs
-- limit: 20
select l.id, %(id)s::uuid as user_id, l.action, l.created_at, %(now)s::timestamptz as asked_at
  from public.audit_logs l
 where l.resource_type = 'user'
   and l.resource_id = %(id)s::uuid::text
   and l.action in ('user.contained', 'user.released')
 order by l.created_at desc, l.id desc
 limit 20
