-- data/holds: the legal holds that stand on a person, their practice, or a table.
-- params: id (uuid, or null), practices (uuid[])
-- reads: peakops.legal_holds
-- limit: 50
select h.subject, h.reason, h.placed_by, h.placed_at
  from peakops.legal_holds h
 where h.lifted_at is null
   and (h.subject = 'user:' || %(id)s::uuid or h.subject like 'table:%%'
        or h.subject = any(select 'practice:' || p from unnest(%(practices)s::uuid[]) p))
 order by h.placed_at, h.subject
 limit 50
