-- doctor/server: the database server, the role that asks, and what holds in a transaction of ours.
-- params: none
-- reads: pg_roles
select current_setting('server_version') as version,
       r.rolname::text as role,
       r.rolsuper as superuser,
       r.rolcreaterole as makes_roles,
       r.rolbypassrls as bypasses_rls,
       current_setting('statement_timeout') as statement_timeout,
       current_setting('transaction_read_only') = 'on' as read_only,
       pg_is_in_recovery() as standby,
       pg_backend_pid() as backend,
       clock_timestamp() as clock
  from pg_catalog.pg_roles as r
 where r.rolname = current_user
