-- notify/letter: a notification as it is before it is sent again; of its text whether there is any, and what links are in it.
-- params: id (uuid, or null), expiring (text, a pattern of links that carry a secret)
-- reads: public.notifications, public.users, public.audit_logs
select n.id, lower(btrim(u.email)) as email, n.type, n.status, n.created_at, n.practice_id,
       coalesce(n.subject ~ '\S', false) as has_subject, coalesce(n.body ~ '\S', false) as has_body,
       coalesce(n.body ~* 'https?://', false) as has_link,
       coalesce(n.body ~* %(expiring)s::text, false) as has_expiring_link,
       -- What the mail depends on, in one short word each: under which it is known at the provider, by which a change of
       -- its row is noticed, and by which the row is when the mail is noted.
       'peakops-' || left(md5(concat_ws('|', n.id, n.provider_message_id, lower(btrim(u.email)), noted.resends)), 24)
         as reference,
       left(md5(concat_ws('|', n.status, n.provider_message_id, n.subject, n.body, lower(btrim(u.email)),
                          u.is_active, u.practice_id, u.notification_preferences)), 24) as as_seen,
       left(md5(coalesce(n.provider_message_id, '')), 12) as was_message
  from public.notifications as n
  join public.users as u on u.id = n.user_id
 cross join lateral (select count(*) as resends
                       from public.audit_logs as a
                      where a.resource_type = 'user'
                        and a.resource_id = n.user_id::text
                        and a.action = 'notification.resent'
                        and a.details -> 'changes'
                            @> jsonb_build_array(jsonb_build_object('target', 'notification ' || n.id))) as noted
 where n.id = %(id)s::uuid
