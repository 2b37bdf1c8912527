-- perf/plan_role: a role of the portal's and what holds for its own connections.
-- params: role (text)
-- reads: pg_roles
select r.rolname::text as name,
       r.rolsuper or r.rolbypassrls as bypasses_rls,
       (select split_part(each, '=', 2) from unnest(r.rolconfig) as each where each like 'statement_timeout=%%') as statement_timeout
  from pg_catalog.pg_roles as r
 where r.rolname = %(role)s::text
