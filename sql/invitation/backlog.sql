-- invitation/backlog: the newest invitation to each address, where it was made in the window, or ended in it unused; newest first.
-- params: since (timestamptz), until (timestamptz)
-- reads: public.invitations, public.practices
select i.id, lower(btrim(i.email)) as email, practices.name as practice, i.created_at
  from public.invitations as i
  join public.practices on practices.id = i.practice_id
 where (i.created_at between %(since)s::timestamptz and %(until)s::timestamptz
        or (i.status in ('pending', 'expired')
            and i.expires_at between %(since)s::timestamptz and %(until)s::timestamptz))
   and not exists (select 1
                     from public.invitations as newer
                    where lower(btrim(newer.email)) = lower(btrim(i.email))
                      and (newer.created_at > i.created_at or (newer.created_at = i.created_at and newer.id < i.id)))
 order by i.created_at desc, i.id
