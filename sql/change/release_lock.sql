-- change/release_lock: gives the lease back.
-- params: subject (text), owner (text)
-- writes: locks (of the schema peakops)
-- expects: 0-1
delete from peakops.locks
 where subject = %(subject)s::text
   and owner = %(owner)s::text
returning subject
