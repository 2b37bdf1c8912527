-- perf/plan_statements: this database's statement of this number, else those that read, of all roles but ours, and took the most time.
-- params: id (bigint or null), words (text[], what such a statement begins with), least (int, ms of a call on average, at least)
-- reads: pg_stat_statements, pg_database, pg_roles
-- limit: 20
select 'q' || s.queryid as id,
       array_agg(distinct r.rolname::text order by r.rolname::text) as roles,
       sum(s.calls)::bigint as calls,
       sum(s.rows)::bigint as rows,
       round(sum(s.total_exec_time))::bigint as total_ms,
       round(sum(s.total_exec_time)::numeric / greatest(sum(s.calls), 1), 2)::float8 as mean_ms,
       round(max(s.max_exec_time))::bigint as max_ms,
       min(s.query) as query
  from pg_stat_statements as s
  join pg_catalog.pg_database as d on d.oid = s.dbid
  join pg_catalog.pg_roles as r on r.oid = s.userid
 where d.datname = current_database()
   and case when %(id)s::bigint is not null then s.queryid = %(id)s::bigint
            else r.rolname <> current_user
                 and lower(substring(s.query from '^(?:\s|\(|/\*[^*]*\*/|--[^\n]*\n)*([A-Za-z]+)')) = any (%(words)s::text[])
       end
 group by s.queryid
having %(id)s::bigint is not null or sum(s.total_exec_time) >= sum(s.calls) * %(least)s::int
 order by sum(s.total_exec_time) desc, 1
 limit 20
