-- perf/tables: the larger tables: how they are read, what is dead in them, when they were last looked after, how old they are.
-- params: least (bigint, rows that a table has at least)
-- reads: pg_stat_user_tables, pg_class, pg_stat_progress_vacuum
-- limit: 1000
select s.schemaname || '.' || s.relname as table,
       quote_ident(s.schemaname) || '.' || quote_ident(s.relname) as quoted,
       greatest(c.reltuples::bigint, s.n_live_tup) as rows,
       s.n_live_tup as live,
       s.n_dead_tup as dead,
       s.seq_scan as seq_scans,
       s.seq_tup_read as seq_rows,
       coalesce(s.idx_scan, 0) as index_scans,
       s.n_mod_since_analyze as changed,
       extract(epoch from clock_timestamp() - greatest(s.last_analyze, s.last_autoanalyze))::bigint as analyzed_s,
       extract(epoch from clock_timestamp() - greatest(s.last_vacuum, s.last_autovacuum))::bigint as vacuumed_s,
       c.reltuples >= 0 as known_to_planner,
       exists (select from pg_catalog.pg_stat_progress_vacuum as v where v.relid = s.relid and v.datname = current_database())
         as in_vacuum
  from pg_catalog.pg_stat_user_tables as s
  join pg_catalog.pg_class as c on c.oid = s.relid
 where greatest(c.reltuples::bigint, s.n_live_tup + s.n_dead_tup) >= %(least)s
   and s.schemaname !~ '^pg_temp'
 order by 3 desc, 1
 limit 1000
