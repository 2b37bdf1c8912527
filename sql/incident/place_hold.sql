-- incident/place_hold: places a legal hold, unless one stands on the same subject for the same reason, or no such table is there.
-- params: subject (text), reason (text), operator (text), now (timestamptz)
-- writes: peakops.legal_holds
-- expects: 0-1
insert into peakops.legal_holds (subject, reason, placed_by, placed_at)
select %(subject)s::text, %(reason)s::text, %(operator)s::text,
       greatest(%(now)s::timestamptz,
                (select max(h.placed_at) + interval '1 microsecond' from peakops.legal_holds h
                  where h.subject = %(subject)s::text))
 where not exists (select from peakops.legal_holds h
                    where h.subject = %(subject)s::text and h.reason = %(reason)s::text and h.lifted_at is null)
   and (%(subject)s::text not like 'table:%%'
        or exists (select from pg_catalog.pg_class c
                     join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                    where c.relkind in ('r', 'p') and 'table:' || n.nspname || '.' || c.relname = %(subject)s::text))
returning subject
