-- security/end_sessions: ends every session of a person; refresh tokens and second-factor claims go along.
-- params: user (uuid)
-- writes: auth.sessions
-- expects: 0-1000000
delete from auth.sessions as s
 where s.user_id = %(user)s::uuid
returning id
