-- security/by_session: a session, whose it is, and other people's sessions with its address and agent.
-- params: session (uuid), id (uuid)
-- reads: auth.sessions, public.users, public.practices
-- limit: 100
with meant as (
  select s.ip, s.user_agent from auth.sessions as s where s.id = %(session)s::uuid
)
select s.id, s.user_id as user, u.email, practices.name as practice, s.id = %(session)s::uuid as meant,
       s.user_id = %(id)s::uuid as own, s.created_at,
       greatest(s.refreshed_at at time zone 'UTC', s.updated_at, s.created_at) as last_at,
       host(s.ip) as ip, left(s.user_agent, 500) as agent
  from auth.sessions as s
  left join public.users as u on u.id = s.user_id
  left join public.practices on practices.id = u.practice_id
 where s.id = %(session)s::uuid
    or exists (select from meant where meant.ip = s.ip and meant.user_agent = s.user_agent)
 order by s.id = %(session)s::uuid desc, greatest(s.refreshed_at at time zone 'UTC', s.updated_at, s.created_at) desc, s.id
 limit 100
