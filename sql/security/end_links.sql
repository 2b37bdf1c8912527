-- security/end_links: forgets the one-time links that are out for a person.
-- params: user (uuid)
-- writes: auth.one_time_tokens
-- expects: 0-1000000
delete from auth.one_time_tokens as t
 where t.user_id = %(user)s::uuid
returning id
