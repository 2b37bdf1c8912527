-- security/leases: what was leased of one thing, newest first: a network that was blocked, a rule whose limit was changed.
-- params: kind (text), subject (text)
-- reads: peakops.leases
-- limit: 50
select l.id, l.kind, l.subject, l.operator, l.made_at, l.expires_at, l.ended_at, l.outcome,
       l.inverse ->> 'made' as made,
       case when l.inverse #>> '{params,limit}' ~ '^\d{1,9}$' then (l.inverse #>> '{params,limit}')::int end as back_to,
       case when l.inverse #>> '{params,held}' ~ '^\d{1,9}$' then (l.inverse #>> '{params,held}')::int end as held
  from peakops.leases as l
 where l.kind = %(kind)s::text
   and l.subject = %(subject)s::text
 order by l.made_at desc, l.id
 limit 50
