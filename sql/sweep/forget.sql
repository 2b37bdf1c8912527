-- sweep/forget: forgets the findings of some sections that are not there any more, so that they are new when they come again.
-- What another run claimed meanwhile is left alone; what is older than ninety days is forgotten, that of other windows too.
-- params: sweep (text), sections (text[]), fingerprints (text[], those that are there), now (timestamptz)
-- writes: peakops.seen
-- expects: 0-1000000
delete from peakops.seen as s
 where (s.sweep = %(sweep)s::text
        and s.last_at > timestamptz '-infinity'
        and s.first_at <= %(now)s::timestamptz
        and split_part(s.fingerprint, '-', 1) = any(%(sections)s::text[])
        and not exists (select from unnest(%(fingerprints)s::text[]) as there (fingerprint)
                         where there.fingerprint = s.fingerprint))
    or (split_part(s.sweep, ' ', 1) = split_part(%(sweep)s::text, ' ', 1)
        and greatest(s.first_at, s.last_at) < %(now)s::timestamptz - interval '90 days')
returning fingerprint
