-- change/team_journal: what every station's journal says of changes of a subject; `held` where that station is at it now.
-- params: subject (text), now (timestamptz)
-- reads: journal, locks (of the schema peakops)
-- limit: 500
select j.operator, j.seq, j.at, j.kind, j.detail, j.hash,
       exists (select 1
                 from peakops.locks as l
                where l.subject = j.subject
                  and l.expires_at > %(now)s::timestamptz
                  and starts_with(l.owner, j.operator || '/')) as held
  from peakops.journal as j
 where j.subject = %(subject)s::text
   and j.kind in ('intended', 'done', 'failed', 'closed')
 order by j.at desc, j.operator, j.seq desc
 limit 500
