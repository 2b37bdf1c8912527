-- incident/holds: the legal holds that stand, the first placed first.
-- params: none
-- reads: peakops.legal_holds
select h.subject, h.reason, h.placed_by, h.placed_at
  from peakops.legal_holds h
 where h.lifted_at is null
 order by h.placed_at, h.subject
