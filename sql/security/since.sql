-- security/since: what the portal's audit log says that a person has done since a moment, by action; a log-in that failed lets nobody in.
-- params: id (uuid, or null), logged (timestamptz, or null), recorded (timestamptz, or null); the later one counts
-- reads: public.audit_logs
-- limit: 20
select l.action, count(*) as times, min(l.created_at) as first_at, max(l.created_at) as last_at
  from public.audit_logs l
 where l.user_id = %(id)s::uuid
   and l.action <> 'auth.login_failed'
   and l.created_at > greatest(%(logged)s::timestamptz, %(recorded)s::timestamptz)
 group by l.action
 order by last_at desc, l.action
 limit 20
