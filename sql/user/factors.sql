-- user/factors: the second factors of a person, without their secrets.
-- params: id (uuid, or null)
-- reads: auth.mfa_factors
-- limit: 20
select f.id, f.factor_type::text as factor_type, f.status::text as status, f.created_at, f.updated_at,
       f.last_challenged_at
  from auth.mfa_factors f
 where f.user_id = %(id)s::uuid
 order by f.last_challenged_at desc nulls last, f.id
 limit 20
