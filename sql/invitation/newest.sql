-- invitation/newest: the newest invitation to the address that an id, an address or a masked address means.
-- params: id (uuid, or null), emails (text[], the address in lower case; or null), masked (text, a LIKE pattern, or null)
-- reads: public.invitations, public.practices
-- limit: 20
with found as (
  select i.id, lower(btrim(i.email)) as email, i.created_at, practices.name as practice,
         -- Whatever the forms of one address are, they are one.
         case when %(emails)s::text[] is null then lower(btrim(i.email)) end as address
    from public.invitations i
    join public.practices on practices.id = i.practice_id
   where lower(btrim(i.email)) = any(%(emails)s::text[])
      or lower(btrim(i.email)) like %(masked)s::text
      or lower(btrim(i.email)) = (select lower(btrim(named.email)) from public.invitations named where named.id = %(id)s::uuid)
)
select distinct on (found.address) found.id, found.email, (%(emails)s::text[])[1] as given,
       %(masked)s::text is not null as by_mask, found.practice
  from found
 order by found.address, found.created_at desc, found.id
 limit 20
