-- user/invitations: the invitations to an address, newest first, without their tokens.
-- params: emails (text[], the addresses in lower case)
-- reads: public.invitations, public.practices
-- limit: 20
select i.id, i.email, i.practice_id, practices.name as practice, practices.status as practice_status, i.role, i.status,
       i.invited_by, i.provider_message_id, i.expires_at, i.accepted_at, i.created_at
  from public.invitations i
  join public.practices on practices.id = i.practice_id
 where lower(btrim(i.email)) = any(%(emails)s::text[])
 order by i.created_at desc, i.id
 limit 20
