-- setup/team_columns: the tables and columns of the schema peakops, and whether this role may read each table.
-- params: none
-- reads: pg_class, pg_namespace, pg_attribute
-- limit: 1000
select c.relname as table_name, a.attname as column_name,
       has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select') as readable
  from pg_catalog.pg_namespace as n
  join pg_catalog.pg_class as c on c.relnamespace = n.oid
  join pg_catalog.pg_attribute as a on a.attrelid = c.oid
 where n.nspname = 'peakops'
   and c.relkind in ('r', 'p')
   and a.attnum > 0
   and not a.attisdropped
 order by c.relname, a.attnum
 limit 1000
