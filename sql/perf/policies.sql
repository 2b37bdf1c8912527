-- perf/policies: the row-level policies of the larger tables, as written, with the functions of the schema that each calls.
-- params: least (bigint, rows that a table has at least)
-- reads: pg_policy, pg_class, pg_namespace, pg_depend, pg_proc, pg_roles, pg_inherits
-- limit: 500
select n.nspname || '.' || c.relname as table,
       held.rows,
       p.polname::text as policy,
       quote_ident(p.polname) as quoted_policy,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname) as quoted,
       p.polpermissive as permissive,
       p.polcmd::text as letter,
       array(select coalesce(r.rolname::text, 'public')
               from unnest(p.polroles) as named (oid)
               left join pg_catalog.pg_roles as r on r.oid = named.oid
              order by 1) as roles,
       array(select coalesce(quote_ident(r.rolname), 'public')
               from unnest(p.polroles) as named (oid)
               left join pg_catalog.pg_roles as r on r.oid = named.oid
              order by 1) as quoted_roles,
       pg_get_expr(p.polqual, p.polrelid) as uses,
       pg_get_expr(p.polwithcheck, p.polrelid) as checks,
       coalesce((
         select jsonb_agg(jsonb_build_object(
                  -- As pg_get_expr writes it: where the extensions live in public, so do what is bare.
                  'name', case when pg_function_is_visible(f.oid) then '' else s.nspname || '.' end || f.proname,
                  'returns', format_type(f.prorettype, null),
                  'constant', f.provolatile = 'i',
                  'reads', regexp_replace(f.prosrc || coalesce(pg_get_function_sqlbody(f.oid), ''),
                                          'extract\s*\([^)]*\)', '', 'gi') ~* '\m(from|join)\M') order by f.oid)
           from pg_catalog.pg_proc as f
           join pg_catalog.pg_namespace as s on s.oid = f.pronamespace
          where f.oid in (
                select d.refobjid
                  from pg_catalog.pg_depend as d
                 where d.classid = 'pg_catalog.pg_policy'::regclass
                   and d.objid = p.oid
                   and d.refclassid = 'pg_catalog.pg_proc'::regclass)), '[]') as functions
  from pg_catalog.pg_policy as p
  join pg_catalog.pg_class as c on c.oid = p.polrelid
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
 cross join lateral (
         -- With its partitions: of the whole, autovacuum never counts the rows.
         with recursive part (oid) as (
           select c.oid
            union all
           select h.inhrelid from pg_catalog.pg_inherits as h join part on part.oid = h.inhparent
         )
         select sum(greatest(t.reltuples::bigint, pg_stat_get_live_tuples(t.oid), 0))::bigint as rows
           from part
           join pg_catalog.pg_class as t on t.oid = part.oid and t.relkind <> 'p') as held
 where c.relrowsecurity
   and held.rows >= %(least)s
 order by 2 desc, 1, p.polname
 limit 500
