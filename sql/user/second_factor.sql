-- user/second_factor: when any session of a person last held a second factor (aal2 or more).
-- params: id (uuid, or null)
-- reads: auth.sessions
select max(greatest(s.updated_at, s.refreshed_at at time zone 'UTC', s.created_at)) as at
  from auth.sessions s
 where s.user_id = %(id)s::uuid
   and s.aal <> 'aal1'
 having count(*) > 0
