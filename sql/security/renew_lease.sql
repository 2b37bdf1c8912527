-- security/renew_lease: takes up a lease whose change is not there: it was never made, or somebody took it away.
-- params: lease (uuid), inverse (jsonb), reason (text), station (text, who and where), seconds (float8), now (timestamptz)
-- writes: peakops.leases
-- expects: 1
update peakops.leases
   set inverse = %(inverse)s::jsonb, reason = %(reason)s::text, operator = split_part(%(station)s::text, '/', 1),
       made_at = %(now)s::timestamptz,
       expires_at = %(now)s::timestamptz + make_interval(secs => %(seconds)s::float8)
 where id = %(lease)s::uuid
   and ended_at is null
returning id
