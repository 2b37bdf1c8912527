-- invitation/lock_newest: the newest invitation to an address as it was seen, held until the commit.
-- params: invitation (uuid), was_status (text)
-- writes: no row (it locks one of public.invitations)
-- expects: 1
select i.id
  from public.invitations i
 where i.id = %(invitation)s::uuid
   and i.status = %(was_status)s::text
   and not exists (select 1
                     from public.invitations newer
                    where lower(btrim(newer.email)) = lower(btrim(i.email))
                      and newer.created_at > i.created_at)
   for update
