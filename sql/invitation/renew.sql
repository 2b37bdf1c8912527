-- invitation/renew: adds a fresh invitation like an older one, unless another to the address is still pending.
-- params: invitation (uuid), seconds (bigint), fresh (text, the new link's secret), now (timestamptz)
-- writes: public.invitations
-- expects: 1
insert into public.invitations (email, practice_id, role, status, token, invited_by, created_at, expires_at)
select i.email, i.practice_id, i.role, 'pending', %(fresh)s::text, i.invited_by, made.at,
       made.at + %(seconds)s::bigint * interval '1 second'
  from public.invitations i
  -- It is the newest, also where two are made in one moment.
  cross join lateral (select greatest(%(now)s::timestamptz, max(other.created_at) + interval '1 millisecond') as at
                        from public.invitations other
                       where lower(btrim(other.email)) = lower(btrim(i.email))) as made
 where i.id = %(invitation)s::uuid
   and not exists (select 1
                     from public.invitations other
                    where lower(btrim(other.email)) = lower(btrim(i.email))
                      and other.status = 'pending')
returning id
