-- security/hunt_contained: everybody for whom a security action is open.
-- reads: peakops.containments
select distinct c.user_id::text as user
  from peakops.containments as c
 where c.released_at is null
