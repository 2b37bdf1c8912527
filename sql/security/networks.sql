-- security/networks: the networks that two colleagues share, since the second of them uses it, and those of three practices and more, since the third does.
-- params: since (timestamptz), until (timestamptz)
-- reads: public.audit_logs, public.users, auth.sessions
with used as (
  select seen.user_id, host(network(set_masklen(seen.ip, case family(seen.ip) when 4 then 24 else 48 end))) as network,
         min(seen.at) as first_at
    from (select a.user_id, a.created_at as at,
                 -- Some servers write an IPv4 address as one of IPv6.
                 case when a.ip_address << '::ffff:0:0/96' then '0.0.0.0'::inet + (a.ip_address - '::ffff:0.0.0.0') else a.ip_address end as ip
            from public.audit_logs as a
           where a.action = 'auth.login'
             and a.created_at between %(since)s::timestamptz and %(until)s::timestamptz
           union all
          select s.user_id, s.created_at,
                 case when s.ip << '::ffff:0:0/96' then '0.0.0.0'::inet + (s.ip - '::ffff:0.0.0.0') else s.ip end
            from auth.sessions as s
           where s.created_at between %(since)s::timestamptz and %(until)s::timestamptz) as seen
   where seen.ip is not null
     and seen.user_id is not null
   group by 1, 2
)
select u.practice_id::text as practice, used.network, (array_agg(used.first_at order by used.first_at))[2] as since,
       false as everybodys
  from used
  join public.users as u on u.id = used.user_id
 where u.practice_id is not null
 group by u.practice_id, used.network
having count(*) > 1
 union all
select null, firsts.network, (array_agg(firsts.first_at order by firsts.first_at))[3], true
  from (select used.network, u.practice_id, min(used.first_at) as first_at
          from used
          join public.users as u on u.id = used.user_id
         group by used.network, u.practice_id) as firsts
 group by firsts.network
having count(*) > 2
