-- notify/enable: switches one kind of notification on for one person, where it still is switched off.
-- params: user (uuid), channel (text), type (text)
-- writes: public.users
-- expects: 1
update public.users as u
   set notification_preferences
       = jsonb_set(u.notification_preferences, array[%(channel)s::text, %(type)s::text], 'true', false)
 where u.id = %(user)s::uuid
   and u.notification_preferences #> array[%(channel)s::text, %(type)s::text] = 'false'::jsonb
returning id
