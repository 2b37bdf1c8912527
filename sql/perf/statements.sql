-- perf/statements: this database's statements that read or change rows, by role, with their share of the time; those that stand out; not what asks the catalogue, as peakops does.
-- params: words (text[], what such a statement begins with), services (text[], roles of Supabase's own services), most (int, how many by each measure)
-- reads: pg_stat_statements, pg_stat_statements_info, pg_database, pg_roles
-- limit: 400
with counted as (
  select 'q' || s.queryid as id,
         r.rolname::text as role,
         sum(s.calls)::bigint as calls,
         sum(s.total_exec_time)::float8 as total_ms,
         max(s.max_exec_time)::float8 as max_ms,
         sum(s.rows)::bigint as rows,
         sum(s.temp_blks_written)::bigint as temp_blocks,
         min(s.query) as query
    from pg_stat_statements as s
    join pg_catalog.pg_database as d on d.oid = s.dbid
    join pg_catalog.pg_roles as r on r.oid = s.userid
   where d.datname = current_database()
     and s.query !~ '\m(pg_catalog|information_schema)\.'
     and s.calls > 0
     and lower(substring(s.query from '^(?:\s|\(|/\*(?:[^*]|\*+[^*/])*\*+/|--[^\n]*\n)*([A-Za-z]+)')) = any (%(words)s::text[])
   group by s.queryid, r.rolname
), ranked as (
  select id, role, calls, total_ms, max_ms, rows, temp_blocks, query,
         total_ms / nullif(sum(total_ms) over (), 0) as share,
         count(*) over (partition by role) as of_role,
         least(rank() over (order by total_ms desc),
               rank() over (order by max_ms desc),
               rank() over (order by calls desc),
               rank() over (order by temp_blocks desc),
               rank() over (order by rows::float8 / calls desc)) as place
    from counted
), usual as (
  select role, percentile_disc(0.5) within group (order by calls) as usual_calls
    from counted
   group by role
)
select ranked.id, ranked.role, ranked.calls, ranked.rows,
       round(ranked.total_ms)::bigint as total_ms,
       round(ranked.total_ms::numeric / ranked.calls, 2)::float8 as mean_ms,
       round(ranked.max_ms)::bigint as max_ms,
       round(ranked.share::numeric, 4)::float8 as share,
       ranked.temp_blocks,
       ranked.of_role,
       usual.usual_calls,
       extract(epoch from clock_timestamp() - info.stats_reset)::bigint as counted_s,
       info.dealloc as dropped,
       -- Comments, what stands in quotes and long numbers: values, where the server did not get to take them out.
       left(ltrim(regexp_replace(regexp_replace(regexp_replace(ranked.query,
         '/\*(?:[^*]|\*+[^*/])*\*+/|--[^\n]*|\m[eE]''(?:[^''\\]|\\.|'''')*(?:''|$)|''(?:[^'']|'''')*(?:''|$)'
           '|\$((?:[A-Za-z_]\w*)?)\$.+\$\1\$', '…', 'g'),
         '(?<![$\w.])\d{4,}', '…', 'g'), '\s+', ' ', 'g'), ' …'), 300) as text
  from ranked
  join usual on usual.role = ranked.role
 cross join pg_stat_statements_info as info
 where ranked.place <= %(most)s
   and ranked.role <> all (%(services)s::text[])
 order by ranked.total_ms desc, ranked.id
 limit 400
