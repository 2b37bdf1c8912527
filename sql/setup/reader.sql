-- setup/reader: the role that reads, which is to see what setup makes.
-- params: none
-- reads: no table
select current_user::text as role
