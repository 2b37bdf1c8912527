-- security/sessions: a person's sessions, the last seen first; address and agent are those of the last refresh alone.
-- params: id (uuid), since (timestamptz), until (timestamptz)
-- reads: auth.sessions
-- limit: 200
select s.id, s.user_id as user, greatest(s.refreshed_at at time zone 'UTC', s.updated_at, s.created_at) as at, s.created_at,
       s.not_after, s.aal::text as aal, host(s.ip) as ip, left(s.user_agent, 500) as agent, count(*) over () > 200 as left_off
  from auth.sessions as s
 where s.user_id = %(id)s::uuid
   and greatest(s.refreshed_at at time zone 'UTC', s.updated_at, s.created_at)
       between %(since)s::timestamptz and %(until)s::timestamptz
 order by greatest(s.refreshed_at at time zone 'UTC', s.updated_at, s.created_at) desc, s.id
 limit 200
