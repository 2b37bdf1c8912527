-- data/lock_person: the person's profile, held until the commit, so that nothing new refers to it meanwhile.
-- params: user (uuid)
-- writes: public.users
-- expects: 0-1
select p.id
  from public.users p
 where p.id = %(user)s::uuid
   for update
