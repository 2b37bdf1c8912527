-- sweep/release: gives back what was claimed and could not be told.
-- params: sweep (text), fingerprints (text[])
-- writes: peakops.seen
-- expects: 0-1000000
delete from peakops.seen as s
 where s.sweep = %(sweep)s::text
   and s.fingerprint = any(%(fingerprints)s::text[])
   and s.last_at = timestamptz '-infinity'
returning fingerprint
