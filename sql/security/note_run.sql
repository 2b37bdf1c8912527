-- security/note_run: notes that a job runs, and how it ended once it has.
-- params: sweep (text), started_at (timestamptz), host (text), ended_at (timestamptz, or null), exit_code (int, or null)
-- writes: peakops.runs
-- expects: 1
insert into peakops.runs as r (sweep, started_at, host, ended_at, exit_code)
values (%(sweep)s::text, %(started_at)s::timestamptz, %(host)s::text, %(ended_at)s::timestamptz, %(exit_code)s::int)
    on conflict (sweep, started_at, host) do update
       set ended_at = coalesce(excluded.ended_at, r.ended_at), exit_code = coalesce(excluded.exit_code, r.exit_code)
returning sweep
