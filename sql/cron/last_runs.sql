-- cron/last_runs: the last runs of each job, the last that has ended, and one that a clock ahead of ours began; nulls where none.
-- params: jobs (text[]), now (timestamptz)
-- reads: peakops.runs
-- limit: 500
select j.job, r.started_at, r.host, r.ended_at, r.exit_code
  from unnest(%(jobs)s::text[]) as j (job)
  left join lateral (
       (select b.started_at, b.host, b.ended_at, b.exit_code
          from peakops.runs as b
         where b.sweep = j.job
           and b.started_at <= %(now)s::timestamptz + interval '5 minutes'
         order by b.started_at desc
         limit 10)
       union
       (select e.started_at, e.host, e.ended_at, e.exit_code
          from peakops.runs as e
         where e.sweep = j.job
           and e.started_at <= %(now)s::timestamptz + interval '5 minutes'
           and e.ended_at is not null
         order by e.started_at desc
         limit 1)
       union
       (select a.started_at, a.host, a.ended_at, a.exit_code
          from peakops.runs as a
         where a.sweep = j.job
           and a.started_at > %(now)s::timestamptz + interval '5 minutes'
         order by a.started_at
         limit 1)) as r on true
 order by j.job, r.started_at desc, r.host
 limit 500
