-- security/evidence_portal_log: what the portal's audit log says of a person since a moment, at least 90 days, without its free text.
-- params: id (uuid), since (timestamptz, or null), now (timestamptz)
-- reads: public.audit_logs
-- limit: 100000
select l.id, l.user_id, l.practice_id, l.action, l.resource_type, l.resource_id, host(l.ip_address) as ip,
       l.user_agent, l.created_at
  from public.audit_logs l
 where (l.user_id = %(id)s::uuid or (l.resource_type = 'user' and l.resource_id = %(id)s::uuid::text))
   and l.created_at > least(%(since)s::timestamptz, %(now)s::timestamptz - interval '90 days')
 order by l.created_at desc, l.id desc
 limit 100000
