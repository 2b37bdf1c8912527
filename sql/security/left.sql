-- security/left: how many sessions and one-time links a person has, and when the newest session was made.
-- params: id (uuid, or null)
-- reads: auth.sessions, auth.one_time_tokens
select (select count(*) from auth.sessions s where s.user_id = %(id)s::uuid) as sessions,
       (select max(s.created_at) from auth.sessions s where s.user_id = %(id)s::uuid) as newest_session_at,
       (select count(*) from auth.one_time_tokens t where t.user_id = %(id)s::uuid) as links
