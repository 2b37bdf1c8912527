-- security/lease_note: what Vercel's entry says of its lease, so that whoever finds it there knows whom to ask.
-- params: lease (uuid)
-- reads: peakops.leases
-- limit: 1
select format('peakops lease %%s until %%s by %%s', l.id,
              to_char(l.expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), l.operator) as note
  from peakops.leases as l
 where l.id = %(lease)s::uuid
   and l.ended_at is null
 limit 1
