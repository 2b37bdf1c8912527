-- notify/sweep: every e-mail notification of a window, and what the portal itself could not show, newest first, each with its person.
-- params: since (timestamptz), until (timestamptz)
-- reads: public.notifications, public.users, public.practices, auth.users
select n.id, n.practice_id, n.type, n.channel, n.status, n.provider, n.provider_message_id, n.read_at, n.created_at,
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
       u.id as user_id, btrim(u.email) as address, u.is_active, a.email as account_email,
       coalesce(p.name, 'no practice') as practice
  from public.notifications as n
  join public.users as u on u.id = n.user_id
  left join public.practices as p on p.id = u.practice_id
  left join auth.users as a on a.id = u.id and a.deleted_at is null
 where n.created_at between %(since)s::timestamptz and %(until)s::timestamptz
   and (n.channel = 'email' or (n.channel = 'in_app' and n.status in ('queued', 'failed') and n.read_at is null))
 order by n.created_at desc, n.id
