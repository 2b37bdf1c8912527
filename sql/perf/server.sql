-- perf/server: the server and this database: what we may see of it, since when it counts, its cache, its limits and its age.
-- params: none
-- reads: pg_stat_database, pg_database, pg_extension, pg_namespace
select current_setting('server_version') as version,
       current_user::text as role,
       pg_is_in_recovery() as standby,
       pg_has_role(current_user, 'pg_read_all_stats', 'usage') as sees_all,
       -- Its setting is there where its library is loaded; without that, the extension's view only fails.
       extension.place is not null and current_setting('pg_stat_statements.max', true) is not null as keeps_statements,
       current_setting('pg_stat_statements.track', true) as tracks,
       extension.place as statements_schema,
       extension.usable as statements_usable,
       extension.is_new as statements_new,
       extract(epoch from clock_timestamp() - coalesce(d.stats_reset, pg_postmaster_start_time()))::bigint as counted_s,
       d.stats_reset is not null as dated,
       d.blks_hit as blocks_hit,
       d.blks_read as blocks_read,
       d.temp_bytes,
       current_setting('max_connections')::int as most_connections,
       current_setting('superuser_reserved_connections')::int
         + coalesce(current_setting('reserved_connections', true)::int, 0) as reserved_connections,
       current_setting('work_mem') as work_mem,
       oldest.name as oldest_database,
       oldest.age as oldest_age
  from pg_catalog.pg_stat_database as d
 cross join lateral (
         select each.datname::text as name, age(each.datfrozenxid) as age
           from pg_catalog.pg_database as each
          order by age(each.datfrozenxid) desc, each.datname
          limit 1) as oldest
  left join lateral (
         select n.nspname::text as place, has_schema_privilege(n.oid, 'usage') as usable,
                string_to_array(e.extversion, '.')::int[] >= '{1,9}' as is_new
           from pg_catalog.pg_extension as e
           join pg_catalog.pg_namespace as n on n.oid = e.extnamespace
          where e.extname = 'pg_stat_statements') as extension on true
 where d.datname = current_database()
