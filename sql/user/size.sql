-- user/size: about how many rows a table holds, as the server last counted; -1 where it never did.
-- params: table (text)
-- reads: pg_class (no row of a table)
-- limit: 1
select c.reltuples::bigint as rows
  from pg_catalog.pg_class c
 where c.oid = to_regclass(%(table)s::text)
 limit 1
