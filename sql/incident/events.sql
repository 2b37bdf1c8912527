-- incident/events: what was noted of incidents, each in its order, with the hashes that chain it.
-- params: ids (uuid[])
-- reads: peakops.incident_events
select e.incident_id::text as incident, e.seq, e.at, e.recorded_at, e.operator, e.kind, e.says, e.detail,
       e.prev_hash, e.hash
  from peakops.incident_events e
 where e.incident_id = any(%(ids)s::uuid[])
 order by e.incident_id, e.seq
