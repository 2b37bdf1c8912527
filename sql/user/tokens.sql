-- user/tokens: the kinds of one-time links that are out for a person, and how old they are; created_at means UTC.
-- params: id (uuid, or null)
-- reads: auth.one_time_tokens
-- limit: 10
select t.token_type::text as kind, t.created_at at time zone 'UTC' as created_at
  from auth.one_time_tokens t
 where t.user_id = %(id)s::uuid
 order by t.created_at desc, t.id
 limit 10
