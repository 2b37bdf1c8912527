-- invitation/backlog_accounts: the accounts in Supabase Auth of many profiles, and of many addresses.
-- params: ids (uuid[]), emails (text[], the addresses in lower case)
-- reads: auth.users
select u.id, u.email, u.aud, u.role, u.created_at, u.updated_at, u.last_sign_in_at,
       u.email_confirmed_at, u.invited_at, u.confirmation_sent_at, u.recovery_sent_at,
       nullif(u.email_change, '') as email_change, u.email_change_sent_at,
       case when u.banned_until = 'infinity' then timestamptz '9999-12-31 00:00:00+00'
            else u.banned_until end as banned_until,
       u.deleted_at, u.is_sso_user, u.is_anonymous, lower(u.email) as address
  from auth.users u
 where u.id = any(%(ids)s::uuid[])
    or (lower(u.email) = any(%(emails)s::text[]) and u.deleted_at is null)
 order by u.created_at desc nulls last, u.id
