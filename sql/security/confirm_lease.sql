-- security/confirm_lease: notes that the change of a lease was made, and by which name the vendor knows it.
-- params: lease (uuid), made (text)
-- writes: peakops.leases
-- expects: 1
update peakops.leases
   set inverse = inverse || jsonb_build_object('made', %(made)s::text)
 where id = %(lease)s::uuid
   and ended_at is null
returning id
