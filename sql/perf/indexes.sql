-- perf/indexes: indexes that are invalid and not in the making, that another one of the same table makes superfluous, or that are hardly used.
-- params: managed (text[], schemas that are not ours to change), few (int, scans of one that is hardly used at most), pages (int, pages of such a one at least)
-- reads: pg_index, pg_class, pg_namespace, pg_stat_user_indexes, pg_constraint, pg_am, pg_inherits, pg_stat_progress_create_index
-- limit: 500
with known as (
  select i.indexrelid as oid, i.indrelid, n.nspname, c.relname, t.relname as on_table, c.relpages, i.indisvalid,
         i.indisreplident, am.amname, coalesce(s.idx_scan, 0) as scans,
         i.indnkeyatts as width, i.indnatts as whole,
         i.indkey::int2[] as keys, i.indclass::oid[] as classes, i.indcollation::oid[] as collations,
         i.indoption::int2[] as options,
         -- As stored, but for where each word stood: pg_get_expr waits for a table that is locked.
         regexp_replace(coalesce(i.indexprs::text, ''), ':location -?\d+', '', 'g') as expressions,
         regexp_replace(coalesce(i.indpred::text, ''), ':location -?\d+', '', 'g') as predicate,
         -- It goes with the index of the whole table, and cannot be dropped without it.
         exists (select from pg_catalog.pg_inherits as h where h.inhrelid = i.indexrelid) as attached,
         i.indisunique or i.indisprimary or i.indisexclusion
           or exists (select from pg_catalog.pg_constraint as k where k.conindid = i.indexrelid) as constrains
    from pg_catalog.pg_index as i
    join pg_catalog.pg_class as c on c.oid = i.indexrelid
    join pg_catalog.pg_am as am on am.oid = c.relam
    join pg_catalog.pg_class as t on t.oid = i.indrelid
    join pg_catalog.pg_namespace as n on n.oid = t.relnamespace
    left join pg_catalog.pg_stat_user_indexes as s on s.indexrelid = i.indexrelid
   where n.nspname <> all (%(managed)s::text[])
     and n.nspname !~ '^(pg_|information_schema$)'
     and c.relkind = 'i'
     and not exists (
           select from pg_catalog.pg_stat_progress_create_index as made where made.index_relid = i.indexrelid)
), twins as (
  select distinct on (one.oid) one.oid, other.oid as other, other.relname::text as name
    from known as one
    join known as other on other.indrelid = one.indrelid and other.oid <> one.oid
   where other.indisvalid
     and not one.constrains
     and not one.indisreplident
     and not one.attached
     and other.amname = one.amname
     and other.predicate = one.predicate
     and other.expressions = one.expressions
     and one.whole = one.width
     -- Slices on both sides: PostgreSQL counts these vectors from 0, and arrays that differ in that are not equal.
     and other.keys[0:one.width - 1] = one.keys[0:one.width - 1]
     and other.classes[0:one.width - 1] = one.classes[0:one.width - 1]
     and other.collations[0:one.width - 1] = one.collations[0:one.width - 1]
     and other.options[0:one.width - 1] = one.options[0:one.width - 1]
     -- A prefix does for a b-tree alone; of two that are the same, the younger one goes.
     and (other.width = one.width or one.amname = 'btree')
     and (other.width > one.width or other.constrains or other.oid < one.oid)
   order by one.oid, other.constrains desc, other.width, other.oid
)
select quote_ident(known.nspname) || '.' || quote_ident(known.relname) as name,
       known.nspname || '.' || known.on_table as table,
       known.indisvalid as valid,
       known.constrains,
       twins.name as twin,
       exists (select from twins as each where each.other = known.oid) as is_twin,
       known.scans,
       known.relpages as pages,
       known.relpages::bigint * current_setting('block_size')::int as bytes,
       exists (select
                 from pg_catalog.pg_constraint as k
                where k.conrelid = known.indrelid
                  and k.contype = 'f'
                  and k.conkey @> known.keys[0:cardinality(k.conkey) - 1]
                  and known.keys[0:cardinality(k.conkey) - 1] @> k.conkey) as covers_key,
       pg_get_indexdef(known.oid) as definition
  from known
  left join twins on twins.oid = known.oid
 where not known.indisvalid
    or twins.name is not null
    or (not known.constrains and not known.attached and known.scans <= %(few)s and known.relpages >= %(pages)s)
 order by known.indisvalid, known.relpages desc, 1
 limit 500
