-- perf/roles: each role that is connected, limited or has a time limit of its own: its sessions but ours, its limits.
-- params: none
-- reads: pg_roles, pg_stat_activity, pg_db_role_setting, pg_database
-- limit: 200
with busy as (
  select a.usesysid, count(*)::int as sessions
    from pg_catalog.pg_stat_activity as a
   -- Of others' sessions a role without pg_monitor sees who they are, but not of what kind.
   where coalesce(a.backend_type, 'client backend') = 'client backend'
     and a.usesysid is not null
     and a.pid <> pg_backend_pid()
   group by a.usesysid
), settings as (
  select s.setrole,
         max(split_part(each.pair, '=', 2)) filter (where each.pair like 'statement_timeout=%%') as statement_timeout
    from pg_catalog.pg_db_role_setting as s
   cross join unnest(s.setconfig) as each (pair)
   where s.setdatabase = 0 or s.setdatabase = (select d.oid from pg_catalog.pg_database as d where d.datname = current_database())
   group by s.setrole
)
select r.rolname::text as role,
       nullif(r.rolconnlimit, -1) as most,
       coalesce(busy.sessions, 0) as sessions,
       settings.statement_timeout,
       case when settings.statement_timeout ~ '^\d+(us|ms|s|min|h|d)?$'
            then extract(epoch from regexp_replace(settings.statement_timeout, '^(\d+)$', '\1ms')::interval)::float8 end as timeout_s
  from pg_catalog.pg_roles as r
  left join busy on busy.usesysid = r.oid
  left join settings on settings.setrole = r.oid
 where busy.sessions > 0 or settings.statement_timeout is not null or (r.rolconnlimit >= 0 and r.rolcanlogin)
 order by coalesce(busy.sessions, 0) desc, 1
 limit 200
