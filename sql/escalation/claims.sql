-- escalation/claims: who has set out to tell whom of incidents, and what became of it.
-- params: ids (uuid[])
-- reads: peakops.escalation_claims
select c.incident_id::text as incident, c.tier, c.channel, c.attempt, c.claimed_at, c.outcome
  from peakops.escalation_claims c
 where c.incident_id = any(%(ids)s::uuid[])
 order by c.incident_id, c.claimed_at, c.attempt
