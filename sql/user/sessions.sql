-- user/sessions: the newest sessions of a person; refreshed_at is without a zone there, and means UTC.
-- params: id (uuid, or null)
-- reads: auth.sessions
-- limit: 20
select s.id, s.aal::text as aal, s.created_at, s.updated_at, s.refreshed_at at time zone 'UTC' as refreshed_at,
       s.not_after, host(s.ip) as ip, s.user_agent
  from auth.sessions s
 where s.user_id = %(id)s::uuid
 order by greatest(s.updated_at, s.refreshed_at at time zone 'UTC', s.created_at) desc nulls last, s.id
 limit 20
