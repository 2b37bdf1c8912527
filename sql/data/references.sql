-- data/references: every foreign key, by the root tables where they are partitioned, with what happens when its row goes.
-- params: none
-- reads: pg_constraint, pg_class, pg_namespace, pg_attribute (no row of a table)
select distinct
       cn.nspname || '.' || cc.relname as table_name, pn.nspname || '.' || pc.relname as to_table,
       k.confdeltype as on_delete, k.confmatchtype = 'f' as full_match, k.condeferrable as deferrable,
       array(select a.attname::text from unnest(k.conkey) with ordinality u(num, place)
               join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.num
              order by u.place) as columns,
       array(select a.attname::text from unnest(k.confkey) with ordinality u(num, place)
               join pg_catalog.pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.num
              order by u.place) as to_columns
  from pg_catalog.pg_constraint k
  join pg_catalog.pg_class cc on cc.oid = coalesce(pg_partition_root(k.conrelid), k.conrelid)
  join pg_catalog.pg_namespace cn on cn.oid = cc.relnamespace
  join pg_catalog.pg_class pc on pc.oid = coalesce(pg_partition_root(k.confrelid), k.confrelid)
  join pg_catalog.pg_namespace pn on pn.oid = pc.relnamespace
 where k.contype = 'f'
   and k.conparentid = 0
 order by table_name, columns, to_table
