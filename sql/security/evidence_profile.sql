-- security/evidence_profile: a person's profile in the portal as it is now, with the practice.
-- params: id (uuid)
-- reads: public.users, public.practices
select p.id, p.email, p.role, p.is_active, p.practice_id, practices.name as practice,
       practices.status as practice_status, p.created_at
  from public.users p
  left join public.practices on practices.id = p.practice_id
 where p.id = %(id)s::uuid
