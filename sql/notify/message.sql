-- notify/message: what a notification says and to whom, as it was seen; read when it is sent again, and kept nowhere.
-- params: notification (uuid), as_seen (text, see notify/letter)
-- reads: public.notifications, public.users
select jsonb_build_object('to', btrim(u.email), 'subject', n.subject, 'body', n.body) as message
  from public.notifications as n
  join public.users as u on u.id = n.user_id
 where n.id = %(notification)s::uuid
   and left(md5(concat_ws('|', n.status, n.provider_message_id, n.subject, n.body, lower(btrim(u.email)),
                          u.is_active, u.practice_id, u.notification_preferences)), 24)
       = %(as_seen)s::text
