-- security/incident_events: what was noted of an incident, in its order, with the hashes that chain it.
-- params: id (uuid)
-- reads: peakops.incident_events
-- limit: 2000
select e.seq, e.at, e.recorded_at, e.operator, e.kind, e.says, e.prev_hash, e.hash
  from peakops.incident_events e
 where e.incident_id = %(id)s::uuid
 order by e.seq
 limit 2000
