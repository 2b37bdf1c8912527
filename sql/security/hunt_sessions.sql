-- security/hunt_sessions: the sessions of everybody, by person, each with whose it is.
-- params: since (timestamptz), until (timestamptz)
-- reads: auth.sessions, public.users
select seen.id, seen.user_id::text as user, seen.at, seen.created_at, host(seen.ip) as ip, seen.user_agent as agent, u.practice_id, u.role
  from (select s.id, s.user_id, s.created_at, s.ip, left(s.user_agent, 500) as user_agent,
               -- refreshed_at is without a zone there, and means UTC.
               greatest(s.refreshed_at at time zone 'UTC', s.updated_at, s.created_at) as at
          from auth.sessions as s) as seen
  left join public.users as u on u.id = seen.user_id
 where seen.at between %(since)s::timestamptz and %(until)s::timestamptz
 order by seen.user_id, seen.at, seen.id
