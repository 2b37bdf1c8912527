-- escalation/settle: what became of an attempt that was claimed; an outcome that stands is kept.
-- params: incident (uuid), tier (int), channel (text), attempt (int), outcome (text)
-- writes: peakops.escalation_claims
-- expects: 0-1
update peakops.escalation_claims
   set outcome = %(outcome)s::text
 where incident_id = %(incident)s::uuid
   and tier = %(tier)s::int
   and channel = %(channel)s::text
   and attempt = %(attempt)s::int
   and outcome is null
returning attempt
