-- perf/plan_functions: how often PostgreSQL must call each of these functions: always anew, or as often as it likes.
-- params: functions (text[], as a plan names them, not quoted: my_practice or app.my_practice)
-- reads: pg_proc, pg_namespace
-- limit: 1000
select n.nspname || '.' || p.proname as function,
       p.proname::text as name,
       case p.provolatile when 'i' then 'immutable' when 's' then 'stable' else 'volatile' end as volatility
  from pg_catalog.pg_proc as p
  join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
 where p.proname = any (%(functions)s::text[])
    or n.nspname || '.' || p.proname = any (%(functions)s::text[])
 order by 1
 limit 1000
