-- notify/resent: notes on a notification that it was sent again, where it still is what was seen.
-- params: notification (uuid), was_status (text), was_message (text, see notify/letter), provider (text), message (text)
-- writes: public.notifications
-- expects: 1
update public.notifications as n
   set status = 'sent',
       provider = %(provider)s::text,
       provider_message_id = %(message)s::text,
       error = null
 where n.id = %(notification)s::uuid
   and n.channel = 'email'
   and n.status = %(was_status)s::text
   and left(md5(coalesce(n.provider_message_id, '')), 12) = %(was_message)s::text
returning id
