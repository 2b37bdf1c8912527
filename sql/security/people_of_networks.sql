-- security/people_of_networks: whom the portal's log knows from each of these networks, in the last 30 days: how many, when last, and some of them.
-- params: networks (inet[]), now (timestamptz)
-- reads: public.audit_logs, public.users
-- limit: 50
with asked as (
  select network, network as noted from unnest(%(networks)s::inet[]) as network
   union all
  -- A server that listens on IPv4 and IPv6 notes 203.0.113.7 as ::ffff:203.0.113.7.
  select network, ('::ffff:' || host(network) || '/' || 96 + masklen(network))::inet
    from unnest(%(networks)s::inet[]) as network
   where family(network) = 4
),
seen as (
  select a.network, l.user_id, max(l.created_at) as last_at, count(*) as entries
    from public.audit_logs as l
    join asked as a on l.ip_address <<= a.noted
   where l.created_at > %(now)s::timestamptz - interval '30 days'
     and l.user_id is not null
     -- Whoever tried to log in and failed is no person of ours there.
     and l.action not in ('auth.login_failed')
   group by a.network, l.user_id
),
ranked as (
  select s.network, s.user_id, s.last_at, s.entries, row_number() over (partition by s.network order by s.last_at desc, s.user_id) as place
    from seen as s
)
select r.network::text as network, count(*) as people, sum(r.entries)::bigint as entries, max(r.last_at) as last_at,
       array_agg(u.email order by r.place) filter (where r.place <= 5 and u.email is not null) as emails
  from ranked as r
  left join public.users as u on u.id = r.user_id
 group by r.network
 order by r.network
 limit 50
