-- notify/earlier: where a person has no notification in a window: the last one before it, and what went to the practice.
-- params: id (uuid), missed (boolean: whether there is none), type (text, or null), channel (text, or null),
--   since (timestamptz, or null), unit (text: since is counted back from its beginning), seconds (float8), now (timestamptz)
-- reads: public.notifications, public.users
-- limit: 1
select (select max(n.created_at)
          from public.notifications n
         where n.user_id = u.id
           and (%(type)s::text is null or n.type = %(type)s::text)
           and (%(channel)s::text is null or n.channel = %(channel)s::text)) as last_at,
       -- One without a person is for the practice as a whole.
       (select max(n.created_at)
          from public.notifications n
         where n.practice_id = u.practice_id
           and n.user_id is null
           and (%(type)s::text is null or n.type = %(type)s::text)
           and (%(channel)s::text is null or n.channel = %(channel)s::text)
           and n.created_at >= coalesce(%(since)s::timestamptz,
                                        date_trunc(%(unit)s::text, %(now)s::timestamptz, 'UTC')
                                          - make_interval(secs => %(seconds)s::float8))) as practice_at,
       array(select distinct n.type
               from public.notifications n
              where n.user_id = u.id
                and n.type ~ '^[a-z_]{1,40}$'
                and (%(channel)s::text is null or n.channel = %(channel)s::text)
              order by n.type
              limit 10) as types
  from public.users u
 where u.id = %(id)s::uuid
   and %(missed)s::boolean
 limit 1
