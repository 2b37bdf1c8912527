-- user/lock_profile: the person's profile as it was seen, held until the commit.
-- params: user (uuid), was_is_active (boolean), was_practice (uuid, or null)
-- writes: public.users
-- expects: 1
select p.id
  from public.users p
 where p.id = %(user)s::uuid
   and p.is_active = %(was_is_active)s::boolean
   and p.practice_id is not distinct from %(was_practice)s::uuid
   for update
