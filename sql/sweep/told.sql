-- sweep/told: notes when findings were last there; what is claimed and not told only where this run has claimed it.
-- params: sweep (text), fingerprints (text[]), claimed (boolean), now (timestamptz)
-- writes: peakops.seen
-- expects: 0-1000000
update peakops.seen as s
   set last_at = %(now)s::timestamptz
 where s.sweep = %(sweep)s::text
   and s.fingerprint = any(%(fingerprints)s::text[])
   and (%(claimed)s::boolean or s.last_at > timestamptz '-infinity')
returning fingerprint
