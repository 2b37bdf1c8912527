-- perf/plan_tables: the size of each of these tables, its columns, and its indexes, for who looks at plans.
-- params: tables (text[], schema.table, not quoted)
-- reads: pg_class, pg_namespace, pg_attribute, pg_index, pg_am, pg_stats, pg_stat_all_tables, pg_stat_progress_create_index
-- limit: 1000
select n.nspname || '.' || c.relname as "table",
       quote_ident(n.nspname) || '.' || quote_ident(c.relname) as quoted,
       c.relkind::text as kind,
       c.relispartition as is_partition,
       -- Nobody has counted a table that was never analyzed: a row of a hundred bytes, then, of what it takes.
       case when c.reltuples >= 0 and c.relpages > 0 then c.reltuples
            when c.relkind in ('r', 'm') then coalesce(pg_relation_size(c.oid), 0) / 100
            else 0 end::bigint as rows,
       coalesce(w.n_tup_ins + w.n_tup_upd + w.n_tup_del, 0) as writes,
       (select jsonb_agg(jsonb_build_object('name', a.attname, 'quoted', quote_ident(a.attname), 'distinct', s.n_distinct)
                         order by a.attnum)
          from pg_catalog.pg_attribute as a
          left join pg_catalog.pg_stats as s
            on s.schemaname = n.nspname and s.tablename = c.relname and s.attname = a.attname
         where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
       (select coalesce(jsonb_agg(jsonb_build_object(
                 'name', x.relname, 'quoted', quote_ident(n.nspname) || '.' || quote_ident(x.relname),
                 'method', m.amname, 'valid', i.indisvalid and i.indisready, 'partial', i.indpred is not null,
                 'building', exists (select from pg_catalog.pg_stat_progress_create_index as g
                                      where g.index_relid = i.indexrelid),
                 'columns', (select jsonb_agg(coalesce(a.attname, '') order by k.place)
                               from unnest(i.indkey) with ordinality as k (number, place)
                               left join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum = k.number
                              where k.place <= i.indnkeyatts)) order by x.relname), '[]')
          from pg_catalog.pg_index as i
          join pg_catalog.pg_class as x on x.oid = i.indexrelid
          join pg_catalog.pg_am as m on m.oid = x.relam
         where i.indrelid = c.oid) as indexes,
       -- What could bear the name of a new index of this table: names are the whole schema's.
       (select coalesce(jsonb_agg(o.relname order by o.relname), '[]')
          from pg_catalog.pg_class as o
         where o.relnamespace = c.relnamespace
           and starts_with(o.relname, left(c.relname, 40) || case when length(c.relname) <= 40 then '_' else '' end)
           and o.relname like '%%\_idx%%') as names
  from pg_catalog.pg_class as c
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  left join pg_catalog.pg_stat_all_tables as w on w.relid = c.oid
 where n.nspname || '.' || c.relname = any (%(tables)s::text[])
 order by 1
 limit 1000
