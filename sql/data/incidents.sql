-- data/incidents: the security incidents of a person that are not closed.
-- params: id (uuid, or null)
-- reads: peakops.incidents, peakops.incident_events
-- limit: 20
select i.number, i.severity, i.opened_at, i.opened_by
  from peakops.incidents i
 where i.subject = 'user:' || %(id)s::uuid
   and not exists (select from peakops.incident_events e
                    where e.incident_id = i.id and e.kind in ('resolved', 'closed'))
 order by i.opened_at
 limit 20
