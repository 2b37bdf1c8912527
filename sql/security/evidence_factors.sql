-- security/evidence_factors: every second factor of a person, without what it is made of.
-- params: id (uuid)
-- reads: auth.mfa_factors
-- limit: 1000
select f.id, f.factor_type::text as factor_type, f.status::text as status, f.created_at, f.updated_at,
       f.last_challenged_at
  from auth.mfa_factors f
 where f.user_id = %(id)s::uuid
 order by f.created_at desc, f.id
 limit 1000
