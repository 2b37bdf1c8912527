-- sweep/claim: takes the findings that nobody has told, so that of two runs at once only one tells each of them.
-- A claim that was not told is a dead run's, and is taken over: where no other runs at once, else after an hour.
-- params: sweep (text), fingerprints (text[]), verdicts (text[]), alone (boolean), now (timestamptz)
-- writes: peakops.seen
-- expects: 0-1000
insert into peakops.seen as s (sweep, fingerprint, first_at, last_at, verdict)
select %(sweep)s::text, f.fingerprint, %(now)s::timestamptz, timestamptz '-infinity', f.verdict
  from unnest(%(fingerprints)s::text[], %(verdicts)s::text[]) as f (fingerprint, verdict)
 order by f.fingerprint
    on conflict (sweep, fingerprint) do update
       set first_at = excluded.first_at
     where s.last_at = timestamptz '-infinity'
       and (%(alone)s::boolean or s.first_at < %(now)s::timestamptz - interval '1 hour')
returning fingerprint
