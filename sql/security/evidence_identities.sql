-- security/evidence_identities: every way in which a person may log in.
-- params: id (uuid)
-- reads: auth.identities
-- limit: 1000
select i.id, i.provider, i.email, i.created_at, i.last_sign_in_at
  from auth.identities i
 where i.user_id = %(id)s::uuid
 order by i.created_at desc nulls last, i.id
 limit 1000
