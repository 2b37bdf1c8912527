-- security/evidence_account: a person's account in Supabase Auth as it is now, without its hash and its links.
-- params: id (uuid)
-- reads: auth.users
select u.id, u.email, u.aud, u.role, u.created_at, u.updated_at, u.last_sign_in_at, u.email_confirmed_at, u.invited_at,
       u.confirmation_sent_at, u.recovery_sent_at, nullif(u.email_change, '') as email_change, u.email_change_sent_at,
       u.banned_until::text as banned_until, u.deleted_at, u.is_sso_user, u.is_anonymous
  from auth.users u
 where u.id = %(id)s::uuid
