-- escalation/last_tick: when a tick last ran to its end, and how it ended; one that a mistake ended told nobody.
-- params: sweep (text)
-- reads: peakops.runs
select r.started_at, r.ended_at, r.host, r.exit_code
  from peakops.runs as r
 where r.sweep = %(sweep)s::text
   and r.ended_at is not null
   and r.exit_code in (0, 1, 2, 11)
 order by r.ended_at desc
 limit 1
