-- notify/repeats: what went to a person with the type and subject of a notification: other rows of it, and earlier resends.
-- params: id (uuid, or null), hours (integer: how far back), now (timestamptz)
-- reads: public.notifications, public.audit_logs, public.users
-- limit: 20
with alike as (
  select each.id, each.id = n.id as itself, each.user_id, each.status, each.created_at, each.provider_message_id,
         lower(btrim(u.email)) as email, %(now)s::timestamptz - %(hours)s::int * interval '1 hour' as since
    from public.notifications as n
    join public.notifications as each
      on each.user_id = n.user_id
     and each.type = n.type
     and each.channel = n.channel
     and lower(btrim(coalesce(each.subject, ''))) = lower(btrim(coalesce(n.subject, '')))
    join public.users as u on u.id = n.user_id
   where n.id = %(id)s::uuid
)
select told.id, told.how, told.at, told.provider_message_id, told.email, told.since
  from (select alike.id, 'another notification' as how, alike.created_at as at, alike.provider_message_id, alike.email,
               alike.since
          from alike
         where not alike.itself
           and alike.status in ('sent', 'read')
           and alike.created_at >= alike.since
        union all
        select alike.id, 'resend', a.created_at, alike.provider_message_id, alike.email, alike.since
          from alike
          join public.audit_logs as a
            on a.resource_type = 'user'
           and a.resource_id = alike.user_id::text
         where a.action = 'notification.resent'
           and a.details -> 'changes' @> jsonb_build_array(jsonb_build_object('target', 'notification ' || alike.id))
           and a.created_at >= alike.since) as told
 order by told.at desc, told.id
 limit 20
