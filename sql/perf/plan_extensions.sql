-- perf/plan_extensions: where the extensions are that plans are helped by, whether they are of use, and may be used by us.
-- params: none
-- reads: pg_extension, pg_namespace, pg_depend, pg_proc
-- limit: 10
select e.extname::text as name,
       n.nspname::text as schema,
       current_user::text as own,
       has_schema_privilege(n.oid, 'USAGE')
         and not exists (select
                           from pg_catalog.pg_depend as d
                           join pg_catalog.pg_proc as p on p.oid = d.objid
                          where d.refclassid = 'pg_extension'::regclass
                            and d.refobjid = e.oid
                            and d.classid = 'pg_proc'::regclass
                            and p.proname in ('hypopg_create_index', 'hypopg_reset')
                            and not has_function_privilege(p.oid, 'EXECUTE')) as may_use,
       pg_has_role('pg_read_all_stats', 'USAGE') as reads_all,
       -- Its setting is there where its library is loaded; without that, the extension's view only fails.
       e.extname <> 'pg_stat_statements' or current_setting('pg_stat_statements.max', true) is not null as is_loaded,
       -- Until 1.8 (PostgreSQL 13) its columns have other names; a server that was upgraded keeps the old ones.
       e.extname = 'pg_stat_statements' and e.extversion ~ '^1\.[0-7]$' as is_old
  from pg_catalog.pg_extension as e
  join pg_catalog.pg_namespace as n on n.oid = e.extnamespace
 where e.extname in ('pg_stat_statements', 'hypopg')
 order by 1
 limit 10
