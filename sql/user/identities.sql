-- user/identities: how a person may log in: 'email' is a password or a magic link, the others are single sign-on.
-- params: id (uuid, or null)
-- reads: auth.identities
-- limit: 20
select i.provider, i.email, i.created_at, i.last_sign_in_at
  from auth.identities i
 where i.user_id = %(id)s::uuid
 order by i.created_at desc nulls last, i.id
 limit 20
