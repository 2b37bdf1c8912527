-- perf/sessions: sessions of this server that wait for a lock, hold one that another waits for, or are in a transaction, prepared ones too; no statement's text.
-- params: least (int, seconds that a transaction is open at least)
-- reads: pg_stat_activity, pg_prepared_xacts
-- limit: 200
with seen as (
  select a.pid,
         coalesce(a.usename::text, a.backend_type) as role,
         a.application_name as application,
         a.backend_type as kind,
         a.state,
         a.wait_event as lock,
         upper(substring(a.query from '^(?:\s|\()*([A-Za-z]+)')) as word,
         case when a.wait_event_type = 'Lock' then pg_blocking_pids(a.pid) else '{}' end as blocked_by,
         extract(epoch from clock_timestamp() - a.xact_start)::int as transaction_s,
         extract(epoch from clock_timestamp() - a.query_start)::int as statement_s,
         extract(epoch from clock_timestamp() - a.state_change)::int as state_s
    from pg_catalog.pg_stat_activity as a
   where a.pid <> pg_backend_pid()
     and (a.datname = current_database() or a.datname is null)
)
select pid, role, application, kind, state, lock, word, blocked_by, transaction_s, statement_s, state_s,
       null as prepared
  from seen
 where cardinality(blocked_by) > 0
    or exists (select from seen as waits where seen.pid = any (waits.blocked_by))
    or (transaction_s >= %(least)s and state is not null)
 union all
select -- It has no process: PostgreSQL tells of who waits for one that process 0 is in the way.
       0, p.owner::text, null, null, null, null, null, '{}', extract(epoch from clock_timestamp() - p.prepared)::int,
       null, null, quote_literal(p.gid)
  from pg_catalog.pg_prepared_xacts as p
 where p.database = current_database()
 order by transaction_s desc nulls last, pid
 limit 200
