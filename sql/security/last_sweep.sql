-- security/last_sweep: when a sweep last ran to its end, and how long ago that was; one that could do nothing does not count.
-- params: sweep (text), now (timestamptz)
-- reads: peakops.runs
select r.started_at, r.ended_at, r.host, r.exit_code,
       extract(epoch from %(now)s::timestamptz - r.ended_at)::float8 as seconds
  from peakops.runs as r
 where r.sweep = %(sweep)s::text
   and r.ended_at is not null
   and r.exit_code in (0, 1, 11)
 order by r.ended_at desc
 limit 1
