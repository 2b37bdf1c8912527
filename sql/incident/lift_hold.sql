-- incident/lift_hold: lifts the legal hold on a subject that was placed for a reason.
-- params: subject (text), reason (text), now (timestamptz)
-- writes: peakops.legal_holds
-- expects: 0-20
update peakops.legal_holds h
   set lifted_at = %(now)s::timestamptz
 where h.subject = %(subject)s::text
   and h.reason = %(reason)s::text
   and h.lifted_at is null
returning subject
