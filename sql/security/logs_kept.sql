-- security/logs_kept: from when on, and until when, the portal's log notes that anybody logs in or reads; null where it never does.
-- reads: public.audit_logs
with last as (
  select a.action, a.created_at from public.audit_logs as a order by a.id desc limit 1000
)
select greatest((select max(a.created_at) from public.audit_logs as a where a.action = 'auth.login'),
                (select max(last.created_at) from last
                  where last.action like '%%.viewed' or last.action like '%%.exported' or last.action like '%%.downloaded')) as newest,
       (select min(first.created_at)
          from (select a.created_at from public.audit_logs as a order by a.id limit 100) as first) as oldest
