-- user/containment: the security action that is open for a person; a ban is then on purpose.
-- params: id (uuid, or null)
-- reads: peakops.containments
-- limit: 5
select c.made_at, c.operator, c.reason
  from peakops.containments c
 where c.user_id = %(id)s::uuid
   and c.released_at is null
 order by c.made_at desc
 limit 5
