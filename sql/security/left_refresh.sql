-- security/left_refresh: what of a person can still be turned into a session: refresh tokens, and log-ins half way (PKCE).
-- params: id (uuid, or null)
-- reads: auth.refresh_tokens, auth.flow_state
select (select count(*)
          from auth.refresh_tokens r
         where (r.instance_id = '00000000-0000-0000-0000-000000000000' or r.instance_id is null)
           and r.user_id = %(id)s::uuid::text) as refreshes,
       (select count(*) from auth.flow_state f where f.user_id = %(id)s::uuid) as flows
