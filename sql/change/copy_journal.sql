-- change/copy_journal: the team's copy of a line of an operator's journal, whose file is the proof.
-- params: operator (text), seq (bigint), at (timestamptz), kind (text), command (text), subject (text), plan_hash (text),
--   detail (jsonb), prev_hash (text), hash (text)
-- writes: journal (of the schema peakops)
-- expects: 0-1
insert into peakops.journal
       (operator, seq, at, kind, command, subject, plan_hash, detail, prev_hash, hash)
values (%(operator)s::text, %(seq)s::bigint, %(at)s::timestamptz, %(kind)s::text, %(command)s::text, %(subject)s::text,
        %(plan_hash)s::text, %(detail)s::jsonb, %(prev_hash)s::text, %(hash)s::text)
    on conflict (operator, seq) do nothing
returning seq
