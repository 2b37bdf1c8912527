-- security/open_lease: notes what is about to be changed for a while, and how it is taken back.
-- params: lease (uuid), kind (text), subject (text), inverse (jsonb), reason (text), station (text, who and where), seconds (float8),
--   now (timestamptz)
-- writes: peakops.leases
-- expects: 1
insert into peakops.leases (id, kind, subject, inverse, reason, operator, made_at, expires_at)
select %(lease)s::uuid, %(kind)s::text, %(subject)s::text, %(inverse)s::jsonb, %(reason)s::text, split_part(%(station)s::text, '/', 1),
       %(now)s::timestamptz, %(now)s::timestamptz + make_interval(secs => %(seconds)s::float8)
 where not exists (select
                     from peakops.leases as l
                    where l.kind = %(kind)s::text
                      and l.subject = %(subject)s::text
                      and l.ended_at is null)
returning id
