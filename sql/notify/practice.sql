-- notify/practice: the newest notification of each channel since a moment, of every person of a practice who is active.
-- params: practice (uuid), since (timestamptz), until (timestamptz), type (text, or null), channel (text, or null)
-- reads: public.notifications, public.users, public.practices, public.audit_logs, auth.users
select u.id as user_id, btrim(u.email) as address, u.is_active, a.email as account_email, p.name as practice, u.practice_id,
       n.id, n.type, n.channel, n.status, n.provider, n.provider_message_id, n.read_at, n.created_at,
       -- The words of an error may name a patient: its codes alone are read of it.
       case when n.error ~* 'domain is not verified|verified sender identity' then 'sender_unverified'
            when n.error ~* '^\s*maximum credits exceeded' then 'maximum_credits_exceeded'
            when btrim(n.error) <> ''
            then coalesce(substring(n.error from '^\s*(?:HTTP )?([245]\d\d|[a-z]+(?:_[a-z]+)+|[Tt]imeout'
                                                 '|ETIMEDOUT|ECONNRESET|ECONNREFUSED|ENOTFOUND)\M'), 'other')
       end as error_code,
       substring(n.error from '\m[245]\.\d{1,3}\.\d{1,3}\M') as enhanced_code,
       coalesce(n.error ~ '\S@\S', false) as has_address,
       -- Without an id its mail is found by address and time: these are the mails of others.
       array(select o.provider_message_id
               from public.notifications as o
              where n.channel = 'email'
                and coalesce(n.provider_message_id, '') = ''
                and o.user_id = n.user_id
                and o.channel = 'email'
                and o.provider_message_id <> ''
                and o.created_at <= n.created_at + interval '10 minutes'
              order by o.created_at desc
              limit 50) as others,
       u.notification_preferences -> 'email' = 'false' as email_off,
       u.notification_preferences -> 'in_app' = 'false' as in_app_off,
       array(select key
               from jsonb_each(case jsonb_typeof(u.notification_preferences -> 'email')
                               when 'object' then u.notification_preferences -> 'email' end)
              where value = 'false' and key ~ '^[a-z_]{1,40}$' and key = coalesce(%(type)s::text, key)
              order by key) as email_types_off,
       array(select key
               from jsonb_each(case jsonb_typeof(u.notification_preferences -> 'in_app')
                               when 'object' then u.notification_preferences -> 'in_app' end)
              where value = 'false' and key ~ '^[a-z_]{1,40}$' and key = coalesce(%(type)s::text, key)
              order by key) as in_app_types_off,
       logged.by_ids, logged.moments, logged.channels, logged.types, logged.enabled
  from public.users as u
  join public.practices as p on p.id = u.practice_id
  left join auth.users as a on a.id = u.id and a.deleted_at is null
  left join lateral (
       select distinct on (m.channel) m.id, m.user_id, m.type, m.channel, m.status, m.provider, m.provider_message_id,
              m.read_at, m.created_at, m.error
         from public.notifications as m
        where m.user_id = u.id
          and m.created_at between %(since)s::timestamptz and %(until)s::timestamptz
          and (%(type)s::text is null or m.type = %(type)s::text)
          and (%(channel)s::text is null or m.channel = %(channel)s::text)
        order by m.channel, m.created_at desc, m.id) as n on true
 cross join lateral (
       select array_agg(newest.user_id) as by_ids, array_agg(newest.created_at) as moments,
              array_agg(newest.channel) as channels, array_agg(newest.type) as types,
              array_agg(newest.enabled) as enabled
         from (select a.user_id, a.created_at,
                      substring(a.details ->> 'channel' from '^(email|in_app)$') as channel,
                      substring(a.details ->> 'type' from '^[a-z_]{1,40}$') as type,
                      case a.details ->> 'enabled' when 'true' then true when 'false' then false end as enabled
                 from public.audit_logs as a
                where a.resource_type = 'user'
                  and a.resource_id = u.id::text
                  and (a.action = 'user.preferences_changed' or starts_with(a.action, 'preferences.'))
                order by a.created_at desc, a.id desc
                limit 20) as newest) as logged
 where u.practice_id = %(practice)s::uuid
   and u.is_active
 order by u.id, n.created_at desc nulls last
