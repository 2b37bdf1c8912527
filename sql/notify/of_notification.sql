-- notify/of_notification: the person whom a notification is for, as user/person tells one, by the notification's id.
-- params: notification (uuid)
-- reads: public.notifications, public.users, public.practices, auth.users
-- limit: 2
select u.id, lower(btrim(u.email)) as email, null::text as given, false as by_mask,
       a.id is not null as has_account, true as has_profile, practices.name as practice, n.id as notification
  from public.notifications n
  join public.users u on u.id = n.user_id
  left join public.practices on practices.id = u.practice_id
  left join auth.users a on a.id = u.id and a.deleted_at is null
 where n.id = %(notification)s::uuid
 limit 2
