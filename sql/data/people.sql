-- data/people: the ids of everybody who is there, in the portal or in Supabase Auth.
-- params: none
-- reads: public.users, auth.users
select p.id
  from public.users p
 union
select a.id
  from auth.users a
