-- incident/all: the incidents, or only those that are open.
-- params: open_only (boolean)
-- reads: peakops.incidents, peakops.incident_events
select i.id::text, i.number, i.subject, i.severity, i.opened_at, i.opened_by
  from peakops.incidents i
 where not %(open_only)s::boolean
    or not exists (select from peakops.incident_events e
                    where e.incident_id = i.id and e.kind in ('resolved', 'closed'))
 order by i.opened_at, i.number
