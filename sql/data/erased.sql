-- data/erased: the deletions of a person, by the pseudonyms that their id or address would have.
-- params: pseudonyms (text[])
-- reads: peakops.deletions
-- limit: 20
select d.request_id, d.executed_at, d.operator, d.plan_hash
  from peakops.deletions d
 where d.subject_hmac = any(%(pseudonyms)s::text[])
    or d.verified ->> 'address' = any(%(pseudonyms)s::text[])
 order by d.executed_at desc
 limit 20
