-- notify/preferences: where a person's notifications go, and which are switched off: of the type that is asked about.
-- params: id (uuid), notification (uuid, or null), type (text, or null), channel (text, or null),
--   since (timestamptz, or null), unit (text: since is counted back from its beginning), seconds (float8), now (timestamptz)
-- reads: public.users, public.practices, auth.users
-- limit: 2
with profile as (
  select u.id, btrim(u.email) as email, u.is_active, u.practice_id, u.notification_preferences as chosen
    from public.users u
   where u.id = %(id)s::uuid
)
select p.id, p.email, a.email as account_email, p.is_active, p.practice_id, practices.name as practice,
       %(type)s::text as asked_type, %(channel)s::text as asked_channel, %(notification)s::uuid as asked_notification,
       coalesce(%(since)s::timestamptz,
                date_trunc(%(unit)s::text, %(now)s::timestamptz, 'UTC')
                  - make_interval(secs => %(seconds)s::float8)) as asked_since,
       p.chosen -> 'email' = 'false' as email_off, p.chosen -> 'in_app' = 'false' as in_app_off,
       array(select key
               from jsonb_each(case jsonb_typeof(p.chosen -> 'email') when 'object' then p.chosen -> 'email' end)
              where value = 'false' and key ~ '^[a-z_]{1,40}$' and key = coalesce(%(type)s::text, key)
              order by key) as email_types_off,
       array(select key
               from jsonb_each(case jsonb_typeof(p.chosen -> 'in_app') when 'object' then p.chosen -> 'in_app' end)
              where value = 'false' and key ~ '^[a-z_]{1,40}$' and key = coalesce(%(type)s::text, key)
              order by key) as in_app_types_off
  from profile p
  left join public.practices on practices.id = p.practice_id
  left join auth.users a on a.id = p.id and a.deleted_at is null
 limit 2
