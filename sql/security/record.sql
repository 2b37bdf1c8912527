-- security/record: whether the team has a table in which a security action is recorded.
-- params: none
-- reads: pg_class (no row of it)
select exists (select
                 from pg_catalog.pg_class c
                 join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                where n.nspname = 'peakops'
                  and c.relname = 'containments') as containments
