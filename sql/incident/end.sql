-- incident/end: the last event of an incident, and the one that bears a mark where it is there already.
-- params: incident (uuid), ref (text)
-- reads: peakops.incident_events
-- limit: 2
select e.seq, e.at, e.recorded_at, e.operator, e.kind, e.says, e.detail, e.prev_hash, e.hash
  from peakops.incident_events e
 where e.incident_id = %(incident)s::uuid
   and (e.detail->>'ref' = %(ref)s::text
        or e.seq = (select max(l.seq) from peakops.incident_events l where l.incident_id = %(incident)s::uuid))
 order by e.seq
 limit 2
