-- incident/find: the incident that a number or an id means; also the number that a station without write access gave it.
-- params: name (text)
-- reads: peakops.incidents, peakops.incident_events
-- limit: 3
select i.id::text, i.number, i.subject, i.severity, i.opened_at, i.opened_by
  from peakops.incidents i
 where lower(i.number) = lower(%(name)s::text)
    or i.id::text = lower(%(name)s::text)
    or exists (select from peakops.incident_events e
                where e.incident_id = i.id and e.seq = 1 and lower(e.detail->>'local') = lower(%(name)s::text))
 order by i.opened_at, i.number
 limit 3
