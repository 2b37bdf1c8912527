-- user/switch_on: let a profile that is switched off be used again.
-- params: user (uuid)
-- writes: public.users
-- expects: 1
update public.users as p
   set is_active = true
 where p.id = %(user)s::uuid
   and not p.is_active
returning id
