-- security/shared: by how many people, of how many practices, the addresses of a person's sessions are used in sessions.
-- params: id (uuid)
-- reads: auth.sessions, public.users
-- limit: 100
select host(s.ip) as ip, count(distinct s.user_id) as people, count(distinct u.practice_id) as practices,
       (select count(distinct every.user_id) from auth.sessions as every) as everybody
  from auth.sessions as s
  left join public.users as u on u.id = s.user_id
 where s.ip in (select own.ip from auth.sessions as own where own.user_id = %(id)s::uuid)
 group by s.ip
 order by count(distinct s.user_id) desc, s.ip
 limit 100
