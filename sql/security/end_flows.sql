-- security/end_flows: forgets the log-ins of a person that are half way (PKCE), which a ban does not stop.
-- params: user (uuid)
-- writes: auth.flow_state
-- expects: 0-1000000
delete from auth.flow_state as f
 where f.user_id = %(user)s::uuid
returning id
