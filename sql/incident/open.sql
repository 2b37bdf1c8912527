-- incident/open: makes an incident under the next number; another who takes the same number at once comes first.
-- params: id (uuid), subject (text), severity (text), opened_at (timestamptz), opened_by (text)
-- writes: peakops.incidents
-- expects: 1
insert into peakops.incidents (id, number, subject, severity, opened_at, opened_by)
select %(id)s::uuid,
       'INC-' || coalesce(max(substring(i.number from '^INC-([0-9]{1,9})$')::bigint), 0) + 1,
       %(subject)s::text, %(severity)s::text, %(opened_at)s::timestamptz, %(opened_by)s::text
  from peakops.incidents i
    on conflict do nothing
returning number
