-- data/log_deletion: notes a deletion without naming the person; not while a legal hold or an open incident is on them.
-- params: request (text), user (uuid), practice (uuid, or null), subject (text), address (text, or null), key (text), tables (text[]), received (timestamptz, or null), basis (text), identity (text), station (text), plan (text), counts (jsonb), kept (jsonb), now (timestamptz)
-- writes: peakops.deletions
-- expects: 1
insert into peakops.deletions as d
       (request_id, subject_hmac, received_at, executed_at, basis, operator, plan_hash, counts, kept, verified)
select %(request)s::text, %(subject)s::text, %(received)s::timestamptz, %(now)s::timestamptz, %(basis)s::text,
       %(station)s::text, %(plan)s::text, %(counts)s::jsonb, %(kept)s::jsonb,
       jsonb_build_object('identity', %(identity)s::text, 'address', %(address)s::text, 'key', %(key)s::text)
 where not exists (select from peakops.legal_holds h
                    where h.lifted_at is null
                      and (h.subject in ('user:' || %(user)s::uuid, 'practice:' || %(practice)s::uuid)
                           or h.subject = any(select 'table:' || t from unnest(%(tables)s::text[]) t)))
   and not exists (select from peakops.incidents i
                    where i.subject = 'user:' || %(user)s::uuid
                      and not exists (select from peakops.incident_events e
                                       where e.incident_id = i.id and e.kind in ('resolved', 'closed')))
    on conflict (request_id) do update
   set executed_at = excluded.executed_at, operator = excluded.operator, plan_hash = excluded.plan_hash,
       counts = excluded.counts, kept = excluded.kept, verified = excluded.verified
 where d.subject_hmac = excluded.subject_hmac
returning request_id
