-- security/sprays: networks from which log-ins failed at many accounts within a day, and more failed than succeeded.
-- params: since (timestamptz), until (timestamptz)
-- reads: public.audit_logs
select host(network(set_masklen(a.ip, case family(a.ip) when 4 then 24 else 48 end))) as network,
       min(a.created_at) as since, max(a.created_at) as until,
       count(distinct a.user_id) filter (where a.action = 'auth.login_failed') as accounts
  from (select noted.user_id, noted.action, noted.created_at,
               -- Some servers write an IPv4 address as one of IPv6.
               case when noted.ip_address << '::ffff:0:0/96' then '0.0.0.0'::inet + (noted.ip_address - '::ffff:0.0.0.0') else noted.ip_address end as ip
          from public.audit_logs as noted) as a
 where a.action in ('auth.login', 'auth.login_failed')
   and a.created_at between %(since)s::timestamptz and %(until)s::timestamptz
   and a.ip is not null
 group by 1, date_trunc('day', a.created_at, 'UTC')
having count(distinct a.user_id) filter (where a.action = 'auth.login_failed') >= 5
   and count(*) filter (where a.action = 'auth.login_failed') > count(*) filter (where a.action = 'auth.login')
