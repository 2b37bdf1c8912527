-- user/move: let a person belong to another practice than the one that was seen.
-- params: user (uuid), practice (uuid), was_practice (uuid, or null)
-- writes: public.users
-- expects: 1
update public.users as p
   set practice_id = %(practice)s::uuid
 where p.id = %(user)s::uuid
   and p.practice_id is not distinct from %(was_practice)s::uuid
   and exists (select 1 from public.practices where practices.id = %(practice)s::uuid)
returning id
