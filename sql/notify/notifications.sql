-- notify/notifications: a person's notifications since a moment, the newest 50 of each channel, or the one that is named.
-- params: id (uuid), notification (uuid, or null), type (text, or null), channel (text, or null),
--   since (timestamptz, or null), unit (text: since is counted back from its beginning), seconds (float8), now (timestamptz)
-- reads: public.notifications, public.users
-- limit: 100
with wanted as (
  select n.id, n.practice_id, n.type, n.channel, n.status, n.provider, n.provider_message_id, n.read_at, n.created_at,
         btrim(u.email) as address,
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
         row_number() over (partition by n.channel order by n.created_at desc, n.id) as place
    from public.notifications n
    join public.users u on u.id = n.user_id
   where n.user_id = %(id)s::uuid
     and case when %(notification)s::uuid is not null then n.id = %(notification)s::uuid
              else (%(type)s::text is null or n.type = %(type)s::text)
               and (%(channel)s::text is null or n.channel = %(channel)s::text)
               and n.created_at >= coalesce(%(since)s::timestamptz,
                                            date_trunc(%(unit)s::text, %(now)s::timestamptz, 'UTC')
                                              - make_interval(secs => %(seconds)s::float8))
         end
)
select w.id, w.practice_id, w.type, w.channel, w.status, w.provider, w.provider_message_id, w.read_at, w.created_at,
       w.address, w.error_code, w.enhanced_code, w.has_address, w.others
  from wanted w
 where w.place <= 50
 order by w.created_at desc, w.id
 limit 100
