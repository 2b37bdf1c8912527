-- perf/sequences: sequences that count, how far each has come, and the end that comes first: its own, or its column's type.
-- params: percent (int, how far one has come at least), managed (text[], schemas that are not ours to be let into)
-- reads: pg_sequences, pg_class, pg_namespace, pg_depend, pg_attrdef, pg_attribute
-- limit: 500
with takes as (
  -- The column whose default takes from it, or that owns it.
  select d.refobjid as sequence, e.adrelid as table, e.adnum as number
    from pg_catalog.pg_depend as d
    join pg_catalog.pg_attrdef as e on e.oid = d.objid
   where d.classid = 'pg_catalog.pg_attrdef'::regclass
     and d.refclassid = 'pg_catalog.pg_class'::regclass
   union
  select d.objid, d.refobjid, d.refobjsubid
    from pg_catalog.pg_depend as d
   where d.classid = 'pg_catalog.pg_class'::regclass
     and d.refclassid = 'pg_catalog.pg_class'::regclass
     and d.refobjsubid > 0
     and d.deptype in ('a', 'i')
), fed as (
  select distinct on (takes.sequence)
         takes.sequence,
         takes.table::regclass::text as table,
         quote_ident(a.attname) as column,
         format_type(a.atttypid, null) as type,
         case format_type(a.atttypid, null) when 'smallint' then 32767 when 'integer' then 2147483647 end as most
    from takes
    join pg_catalog.pg_class as c on c.oid = takes.sequence and c.relkind = 'S'
    join pg_catalog.pg_attribute as a on a.attrelid = takes.table and a.attnum = takes.number
   -- The narrowest where there are several.
   order by takes.sequence, 5 nulls last, 2
), seen as (
  select quote_ident(s.schemaname) || '.' || quote_ident(s.sequencename) as name,
         s.schemaname::text as place,
         s.last_value,
         has_sequence_privilege(c.oid, 'select, usage') as readable,
         fed.table, fed.column, fed.type,
         least(s.max_value, fed.most) as ends
    from pg_catalog.pg_sequences as s
    join pg_catalog.pg_namespace as n on n.nspname = s.schemaname
    join pg_catalog.pg_class as c on c.relnamespace = n.oid and c.relname = s.sequencename and c.relkind = 'S'
    left join fed on fed.sequence = c.oid
   where not s.cycle and s.increment_by > 0
)
select name, place, seen.table, seen.column, type, last_value, ends, readable
  from seen
 where (not readable and place <> all (%(managed)s::text[])) or last_value::numeric * 100 >= ends::numeric * %(percent)s
 order by readable desc, last_value::numeric / ends desc nulls last, name
 limit 500
