-- security/evidence_refresh: how many refresh tokens each session of a person had, and when the last was made.
-- params: id (uuid)
-- reads: auth.refresh_tokens
-- limit: 100000
select r.session_id, count(*) as made, count(*) filter (where r.revoked) as revoked,
       min(r.created_at) as first_at, max(r.created_at) as last_at
  from auth.refresh_tokens r
 where (r.instance_id = '00000000-0000-0000-0000-000000000000' or r.instance_id is null)
   and r.user_id = %(id)s::uuid::text
 group by r.session_id
 order by last_at desc nulls last, r.session_id
 limit 100000
