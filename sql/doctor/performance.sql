-- doctor/performance: the role under which 'peakops perf' asks, and what it may see and take on.
-- params: none
-- reads: pg_roles, pg_extension
select current_user::text as role, r.rolsuper as superuser,
       exists (select from pg_catalog.pg_roles as m
                where m.rolname = 'pg_monitor' and pg_has_role(current_user, m.oid, 'usage')) as monitors,
       exists (select from pg_catalog.pg_extension as e where e.extname = 'pg_stat_statements') as has_statements,
       (select pg_has_role(current_user, p.oid, 'member')
          from pg_catalog.pg_roles as p
         where p.rolname = 'authenticated') as may_become
  from pg_catalog.pg_roles as r
 where r.rolname = current_user
