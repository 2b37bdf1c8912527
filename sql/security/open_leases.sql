-- security/open_leases: all that must be taken back yet, the first that is due first; `due` where its time is over.
-- params: now (timestamptz)
-- reads: peakops.leases
-- limit: 1000
select l.id, l.kind, l.subject, l.reason, l.operator, l.made_at, l.expires_at, l.expires_at <= %(now)s::timestamptz as due,
       l.inverse ->> 'made' as made,
       case when l.inverse #>> '{params,limit}' ~ '^\d{1,9}$' then (l.inverse #>> '{params,limit}')::int end as back_to,
       case when l.inverse #>> '{params,held}' ~ '^\d{1,9}$' then (l.inverse #>> '{params,held}')::int end as held
  from peakops.leases as l
 where l.ended_at is null
   and l.kind in ('block', 'limit')
 order by l.expires_at, l.id
 limit 1000
