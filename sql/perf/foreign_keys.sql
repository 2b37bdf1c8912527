-- perf/foreign_keys: foreign keys of the larger tables whose columns, in any order, begin no whole b-tree or hash index that is valid or in the making.
-- params: managed (text[], schemas that are not ours to change), least (bigint, rows that the table with the key has at least)
-- reads: pg_constraint, pg_class, pg_namespace, pg_index, pg_attribute, pg_am, pg_stat_progress_create_index
-- limit: 500
select k.conname::text as name,
       n.nspname || '.' || c.relname as table,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname) as quoted,
       quote_ident(n.nspname) as quoted_schema,
       array(select quote_ident(a.attname)
               from unnest(k.conkey) with ordinality as part (number, place)
               join pg_catalog.pg_attribute as a on a.attrelid = k.conrelid and a.attnum = part.number
              order by part.place) as columns,
       array(select o.relname::text
               from pg_catalog.pg_class as o
              where o.relnamespace = c.relnamespace and starts_with(o.relname::text, left(c.relname::text, 30))) as taken,
       target.nspname || '.' || f.relname as references,
       greatest(c.reltuples::bigint, pg_stat_get_live_tuples(c.oid)) as rows
  from pg_catalog.pg_constraint as k
  join pg_catalog.pg_class as c on c.oid = k.conrelid
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  join pg_catalog.pg_class as f on f.oid = k.confrelid
  join pg_catalog.pg_namespace as target on target.oid = f.relnamespace
 where k.contype = 'f'
   and c.relkind = 'r'
   and greatest(c.reltuples::bigint, pg_stat_get_live_tuples(c.oid)) >= %(least)s
   and n.nspname <> all (%(managed)s::text[])
   -- A key to a partitioned table has a copy of itself for each partition that it refers to.
   and not exists (
         select from pg_catalog.pg_constraint as whole where whole.oid = k.conparentid and whole.conrelid = k.conrelid)
   and not exists (
         select
           from pg_catalog.pg_index as i
           join pg_catalog.pg_class as x on x.oid = i.indexrelid
           join pg_catalog.pg_am as am on am.oid = x.relam and am.amname in ('btree', 'hash')
          where i.indrelid = k.conrelid
            and (i.indisvalid or exists (
                  select from pg_catalog.pg_stat_progress_create_index as made where made.index_relid = i.indexrelid))
            and i.indpred is null
            and i.indnkeyatts >= cardinality(k.conkey)
            and (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey
            and k.conkey @> (i.indkey::int2[])[0:cardinality(k.conkey) - 1])
 order by 8 desc, 2, 1
 limit 500
