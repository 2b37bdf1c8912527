-- security/incident: the incident that a number or an id means.
-- params: incident (text)
-- reads: peakops.incidents
-- limit: 2
select i.id, i.number, i.subject, i.severity, i.opened_at, i.opened_by
  from peakops.incidents i
 where lower(i.number) = lower(btrim(%(incident)s::text))
    or i.id::text = lower(btrim(%(incident)s::text))
 order by i.number
 limit 2
