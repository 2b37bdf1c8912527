-- perf/plan_policies: the policies under which this role reads these tables, and the functions that each calls.
-- params: tables (text[], schema.table, not quoted), role (text)
-- reads: pg_policy, pg_class, pg_namespace, pg_depend, pg_proc, pg_roles
-- limit: 1000
select n.nspname || '.' || c.relname as "table",
       p.polname::text as policy,
       p.polpermissive as permissive,
       (select coalesce(array_agg(distinct fn.nspname || '.' || f.proname order by fn.nspname || '.' || f.proname), '{}')
          from pg_catalog.pg_depend as d
          join pg_catalog.pg_proc as f on f.oid = d.refobjid
          join pg_catalog.pg_namespace as fn on fn.oid = f.pronamespace
         where d.classid = 'pg_policy'::regclass and d.objid = p.oid and d.refclassid = 'pg_proc'::regclass) as functions
  from pg_catalog.pg_policy as p
  join pg_catalog.pg_class as c on c.oid = p.polrelid
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
 where n.nspname || '.' || c.relname = any (%(tables)s::text[])
   and c.relrowsecurity
   and p.polcmd in ('r', '*')
   and (0 = any (p.polroles) or exists (
         select
           from pg_catalog.pg_roles as r
          where r.rolname = %(role)s::text
            and exists (select from unnest(p.polroles) as of_policy (oid) where pg_has_role(r.oid, of_policy.oid, 'USAGE'))))
 order by 1, 2
 limit 1000
