-- security/end_lease: notes that nothing of a lease is left to take back, and what became of it.
-- params: lease (uuid), outcome (text), now (timestamptz)
-- writes: peakops.leases
-- expects: 1
update peakops.leases
   set ended_at = %(now)s::timestamptz, outcome = %(outcome)s::text
 where id = %(lease)s::uuid
   and ended_at is null
returning id
