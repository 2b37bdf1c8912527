-- doctor/roles: the other roles that this one may take on, and that may write to a table, make roles, or do everything.
-- params: schemas (text[], where the tables are), rights (text, what writes), of_columns (text, those of rights that columns have too)
-- reads: pg_roles, pg_class, pg_namespace
-- limit: 100
with taken as (
  select other.oid, other.rolname::text as name, other.rolsuper as superuser, other.rolcreaterole as makes_roles
    from pg_catalog.pg_roles as own
    join pg_catalog.pg_roles as other on other.oid <> own.oid
   where own.rolname = current_user
     and not own.rolsuper
     -- Before version 16 whoever was a member could take the role on.
     and pg_has_role(other.oid, case when current_setting('server_version_num')::int < 160000 then 'MEMBER' else 'SET' end)
), judged as (
  select taken.name, taken.superuser, taken.makes_roles,
         exists (
           select
             from pg_catalog.pg_class as c
             join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
            where n.nspname = any (%(schemas)s::text[])
              and c.relkind in ('r', 'p', 'f', 'v')
              and (has_table_privilege(taken.oid, c.oid, %(rights)s)
                   or has_any_column_privilege(taken.oid, c.oid, %(of_columns)s))
         ) as writes
    from taken
)
select name, superuser, makes_roles, writes
  from judged
 where superuser or makes_roles or writes
 order by name
 limit 100
