-- security/end_refresh: forgets a person's refresh tokens that no session took along.
-- params: user (uuid)
-- writes: auth.refresh_tokens
-- expects: 0-1000000
delete from auth.refresh_tokens as r
 where (r.instance_id = '00000000-0000-0000-0000-000000000000' or r.instance_id is null)
   and r.user_id = %(user)s::uuid::text
returning id
