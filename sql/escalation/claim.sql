-- escalation/claim: claims an attempt before it is made; nothing where another run has it.
-- params: incident (uuid), tier (int), channel (text), attempt (int), claimed_by (text), now (timestamptz)
-- writes: peakops.escalation_claims
-- expects: 0-1
insert into peakops.escalation_claims (incident_id, tier, channel, attempt, claimed_at, claimed_by)
values (%(incident)s::uuid, %(tier)s::int, %(channel)s::text, %(attempt)s::int, %(now)s::timestamptz, %(claimed_by)s::text)
    on conflict (incident_id, tier, channel, attempt) do nothing
returning attempt
