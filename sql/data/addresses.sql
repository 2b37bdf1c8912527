-- data/addresses: every address of a person, in lower case: of the profile, the account, and each way to log in.
-- params: id (uuid, or null)
-- reads: public.users, auth.users, auth.identities
-- limit: 50
select lower(btrim(p.email)) as email
  from public.users p
 where p.id = %(id)s::uuid and btrim(p.email) <> ''
 union
select lower(e.email)
  from auth.users a
 cross join lateral (values (a.email), (a.email_change)) e (email)
 where a.id = %(id)s::uuid and e.email <> ''
 union
select lower(i.email)
  from auth.identities i
 where i.user_id = %(id)s::uuid and i.email <> ''
 order by email
 limit 50
