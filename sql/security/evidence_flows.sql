-- security/evidence_flows: the log-ins of a person that are half way (PKCE), without their codes.
-- params: id (uuid)
-- reads: auth.flow_state
-- limit: 1000
select f.id, f.authentication_method, f.created_at, f.auth_code_issued_at
  from auth.flow_state f
 where f.user_id = %(id)s::uuid
 order by f.created_at desc nulls last, f.id
 limit 1000
