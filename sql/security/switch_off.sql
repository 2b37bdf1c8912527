-- security/switch_off: keeps a profile from being used; one that somebody has switched off meanwhile stays so.
-- params: user (uuid)
-- writes: public.users
-- expects: 0-1
update public.users as p
   set is_active = false
 where p.id = %(user)s::uuid
   and p.is_active
returning id
