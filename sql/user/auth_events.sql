-- user/auth_events: what Supabase Auth has noted of a person in the last 30 days, where it keeps that log here.
-- params: id (uuid, or null), now (timestamptz)
-- reads: auth.audit_log_entries
-- limit: 20
select e.created_at, e.payload ->> 'action' as action,
       coalesce(e.payload ->> 'actor_id', '') <> %(id)s::uuid::text as by_another
  from auth.audit_log_entries e
 where e.created_at > %(now)s::timestamptz - interval '30 days'
   and %(id)s::uuid::text in (e.payload ->> 'actor_id', e.payload -> 'traits' ->> 'user_id')
 order by e.created_at desc, e.id
 limit 20
