-- security/hunt_accounts: when each account last logged in, in the order of people.
-- reads: auth.users
select u.id::text as user, u.last_sign_in_at
  from auth.users as u
 order by u.id
