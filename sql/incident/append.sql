-- incident/append: adds an event behind the one it was chained to; nothing where another event, or itself, stands there.
-- params: incident (uuid), seq (bigint), at (timestamptz), recorded_at (timestamptz), operator (text), kind (text), says (text), detail (jsonb), prev (text), hash (text)
-- writes: peakops.incident_events
-- expects: 0-1
insert into peakops.incident_events
       (incident_id, seq, at, recorded_at, operator, kind, says, detail, prev_hash, hash)
select %(incident)s::uuid, %(seq)s::bigint, %(at)s::timestamptz, %(recorded_at)s::timestamptz, %(operator)s::text,
       %(kind)s::text, %(says)s::text, %(detail)s::jsonb, %(prev)s::text, %(hash)s::text
 where %(seq)s::bigint = 1
    or exists (select from peakops.incident_events e
                where e.incident_id = %(incident)s::uuid and e.seq = %(seq)s::bigint - 1 and e.hash = %(prev)s::text)
    on conflict (incident_id, seq) do nothing
returning seq
