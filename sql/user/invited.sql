-- user/invited: the people of whom there are only invitations that were not revoked.
-- params: emails (text[], the address in lower case; or null), masked (text, a LIKE pattern, or null)
-- reads: public.invitations
-- limit: 20
select null::uuid as id,
       lower(btrim(i.email)) as email,
       (%(emails)s::text[])[1] as given,
       %(masked)s::text is not null as by_mask,
       false as has_account,
       false as has_profile,
       null::text as practice
  from public.invitations i
 where (lower(btrim(i.email)) = any(%(emails)s::text[]) or lower(btrim(i.email)) like %(masked)s::text)
   and i.status <> 'revoked'
 group by lower(btrim(i.email))
 order by lower(btrim(i.email))
 limit 20
