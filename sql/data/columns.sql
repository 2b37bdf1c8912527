-- data/columns: every column of every table and materialised view, with its type, its place in the key, and whether this role may read it.
-- params: none
-- reads: pg_class, pg_namespace, pg_attribute, pg_index (no row of a table)
select n.nspname || '.' || c.relname as table_name, a.attname as column_name, format_type(a.atttypid, a.atttypmod) as type,
       t.typcategory as category, not a.attnotnull and a.attgenerated = '' as clearable,
       c.relkind::text as kind, coalesce(array_position(i.indkey::int2[], a.attnum), -1) as place, c.reltuples::bigint as size,
       has_schema_privilege(n.oid, 'usage') and has_column_privilege(c.oid, a.attnum, 'select') as readable
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  join pg_catalog.pg_type t on t.oid = a.atttypid
  left join pg_catalog.pg_index i on i.indrelid = c.oid and i.indisprimary
 -- A materialised view holds a copy, as far as it was filled; a foreign table is another server's.
 where (c.relkind in ('r', 'p') or c.relkind = 'm' and c.relispopulated)
   and not c.relispartition
   and n.nspname not in ('pg_catalog', 'information_schema')
   and n.nspname not like 'pg\_%%'
 order by table_name, a.attnum
