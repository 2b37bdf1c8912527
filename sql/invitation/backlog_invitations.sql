-- invitation/backlog_invitations: the invitations to many addresses, newest first, twenty of each, without their tokens.
-- params: emails (text[], the addresses in lower case)
-- reads: public.invitations, public.practices
with found as (
  select i.id, i.email, i.practice_id, practices.name as practice, practices.status as practice_status, i.role, i.status,
         i.invited_by, i.provider_message_id, i.expires_at, i.accepted_at, i.created_at, lower(btrim(i.email)) as address,
         row_number() over (partition by lower(btrim(i.email)) order by i.created_at desc, i.id) as place
    from public.invitations as i
    join public.practices on practices.id = i.practice_id
   where lower(btrim(i.email)) = any(%(emails)s::text[])
)
select found.id, found.email, found.practice_id, found.practice, found.practice_status, found.role, found.status,
       found.invited_by, found.provider_message_id, found.expires_at, found.accepted_at, found.created_at, found.address
  from found
 where found.place <= 20
 order by found.created_at desc, found.id
