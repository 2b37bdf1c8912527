-- security/evidence_sessions: every session of a person with its last address and agent, which end with it.
-- params: id (uuid)
-- reads: auth.sessions
-- limit: 100000
select s.id, s.aal::text as aal, s.created_at, s.updated_at, s.refreshed_at at time zone 'UTC' as refreshed_at,
       s.not_after, host(s.ip) as ip, s.user_agent
  from auth.sessions s
 where s.user_id = %(id)s::uuid
 order by s.created_at desc nulls last, s.id
 limit 100000
