-- cron/forget_runs: forgets runs of a job that are of more than 90 days ago, the oldest first; some at each run.
-- params: sweep (text), now (timestamptz)
-- writes: peakops.runs
-- expects: 0-100
delete from peakops.runs as r
 using (select o.started_at, o.host
          from peakops.runs as o
         where o.sweep = %(sweep)s::text
           and o.started_at < %(now)s::timestamptz - interval '90 days'
         order by o.started_at
         limit 100) as old
 where r.sweep = %(sweep)s::text
   and r.started_at = old.started_at
   and r.host = old.host
returning sweep
