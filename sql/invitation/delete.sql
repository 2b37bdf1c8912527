-- invitation/delete: deletes an invitation that nobody has accepted, as it was seen.
-- params: invitation (uuid), was_status (text)
-- writes: public.invitations
-- expects: 1
delete from public.invitations as i
 where i.id = %(invitation)s::uuid
   and i.status = %(was_status)s::text
   and i.status <> 'accepted'
   and i.accepted_at is null
returning id
