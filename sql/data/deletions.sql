-- data/deletions: the log of deletions, newest first.
-- params: since (timestamptz), until (timestamptz)
-- reads: peakops.deletions
-- limit: 10000
select d.request_id, d.subject_hmac, d.received_at, d.executed_at, d.basis, d.operator, d.plan_hash, d.counts, d.kept,
       d.verified ->> 'identity' as identity, d.verified ->> 'key' as key
  from peakops.deletions d
 where d.executed_at between %(since)s::timestamptz and %(until)s::timestamptz
 order by d.executed_at desc, d.request_id
 limit 10000
