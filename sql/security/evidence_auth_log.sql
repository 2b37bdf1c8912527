-- security/evidence_auth_log: what Supabase Auth has noted of a person in the last 90 days, where it keeps that log here.
-- params: id (uuid), now (timestamptz)
-- reads: auth.audit_log_entries
-- limit: 100000
select e.id, e.created_at, e.payload ->> 'action' as action, e.payload ->> 'actor_id' as actor_id,
       e.payload -> 'traits' ->> 'user_id' as about_id, nullif(e.ip_address, '') as ip
  from auth.audit_log_entries e
 where e.created_at > %(now)s::timestamptz - interval '90 days'
   and %(id)s::uuid::text in (e.payload ->> 'actor_id', e.payload -> 'traits' ->> 'user_id')
 order by e.created_at desc, e.id
 limit 100000
