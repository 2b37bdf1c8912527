-- security/hunt_shared: addresses that the sessions of many people show; one that half of all share is the portal's own server.
-- params: many (int)
-- reads: auth.sessions, public.users
select host(s.ip) as ip, count(distinct s.user_id) as people, count(distinct u.practice_id) as practices,
       (select count(distinct every.user_id) from auth.sessions as every) as everybody
  from auth.sessions as s
  left join public.users as u on u.id = s.user_id
 where s.ip is not null
 group by s.ip
having count(distinct s.user_id) >= %(many)s::int
