-- notify/sent: how many e-mail notifications of a window the portal has made, by the provider it sent them with and what it stored.
-- params: since (timestamptz), until (timestamptz), waits_s (float8: how long one may wait to be sent), now (timestamptz)
-- reads: public.notifications
-- limit: 20
select coalesce(n.provider, 'none') as provider, count(*) as notifications,
       count(*) filter (where n.status in ('sent', 'read') or n.read_at is not null) as sent,
       count(*) filter (where n.status = 'failed' and n.read_at is null) as failed,
       count(*) filter (where n.status = 'queued' and n.provider_message_id is null and n.read_at is null
                          and n.created_at < %(now)s::timestamptz - make_interval(secs => %(waits_s)s::float8)) as waiting
  from public.notifications as n
 where n.created_at between %(since)s::timestamptz and %(until)s::timestamptz
   and n.channel = 'email'
 group by coalesce(n.provider, 'none')
 order by notifications desc, provider
 limit 20
