-- change/hold_lock: makes sure, inside the transaction that writes, that the lease is still ours, and prolongs it.
-- params: subject (text), owner (text), expires_at (timestamptz)
-- writes: locks (of the schema peakops)
-- expects: 1
update peakops.locks
   set expires_at = greatest(expires_at, %(expires_at)s::timestamptz)
 where subject = %(subject)s::text
   and owner = %(owner)s::text
returning subject
