-- security/auth_events: what Supabase Auth's own log holds of a person: no failure, and an address only now and then.
-- params: id (uuid), since (timestamptz), until (timestamptz)
-- reads: auth.audit_log_entries
-- limit: 500
select e.id, e.created_at, e.payload ->> 'action' as action, nullif(e.ip_address, '') as ip,
       coalesce(e.payload ->> 'actor_id', '') <> %(id)s::uuid::text as by_another
  from auth.audit_log_entries as e
 where e.created_at between %(since)s::timestamptz and %(until)s::timestamptz
   and %(id)s::uuid::text in (e.payload ->> 'actor_id', e.payload -> 'traits' ->> 'user_id')
   -- Renewing an access ends the old one: both are noted every hour and say nothing.
   and e.payload ->> 'action' !~ '_(refreshed|revoked)$'
 order by e.created_at desc, e.id
 limit 500
