-- security/incidents: the incidents that are open for a subject.
-- params: subject (text, or null)
-- reads: peakops.incidents, peakops.incident_events
-- limit: 20
select i.number, i.severity, i.opened_at, i.opened_by
  from peakops.incidents i
 where i.subject = %(subject)s::text
   and not exists (select from peakops.incident_events e
                    where e.incident_id = i.id
                      and e.kind in ('resolved', 'closed'))
 order by i.opened_at desc, i.number
 limit 20
