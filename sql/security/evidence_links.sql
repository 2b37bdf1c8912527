-- security/evidence_links: which one-time links are out for a person, and how old they are; created_at means UTC.
-- params: id (uuid)
-- reads: auth.one_time_tokens
-- limit: 100
select t.token_type::text as kind, t.created_at at time zone 'UTC' as created_at
  from auth.one_time_tokens t
 where t.user_id = %(id)s::uuid
 order by t.created_at desc, t.id
 limit 100
