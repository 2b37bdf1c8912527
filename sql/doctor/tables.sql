-- doctor/tables: every table of these schemas: whether our queries name it, has rows that row-level security hides, and may be written.
-- params: schemas (text[]), tables (text[], those that our queries name, each with its schema), rights (text[], what writes), of_columns (text[], those of rights that columns have too)
-- reads: pg_class, pg_namespace
-- limit: 2000
select seen.name,
       seen.name = any (%(tables)s::text[]) as read,
       row_security_active(seen.oid) as hidden,
       array(
         select held.name
           from unnest(%(rights)s::text[]) as held (name)
          where case when held.name = any (%(of_columns)s::text[]) then has_any_column_privilege(seen.oid, held.name)
                     else has_table_privilege(seen.oid, held.name) end
       ) as writable
  from (select c.oid, n.nspname || '.' || c.relname as name
          from pg_catalog.pg_class as c
          join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
         where n.nspname = any (%(schemas)s::text[])
           and c.relkind in ('r', 'p', 'f', 'v')) as seen
 order by seen.name
 limit 2000
