-- invitation/close: ends a pending invitation, as revoked or as expired; its link works no longer.
-- params: invitation (uuid), becomes (text)
-- writes: public.invitations
-- expects: 1
update public.invitations as i
   set status = %(becomes)s::text
 where i.id = %(invitation)s::uuid
   and i.status = 'pending'
returning id
