-- change/lock_holder: who has the lease on a subject, since when and until when.
-- params: subject (text)
-- reads: locks (of the schema peakops)
-- limit: 1
select owner, taken_at, expires_at
  from peakops.locks
 where subject = %(subject)s::text
 limit 1
