-- security/rights: of tables of Supabase Auth those in which the asking role may not do something to every row.
-- params: tables (text[]), right (text)
-- reads: pg_class (no row of it)
-- limit: 20
select c.relname as name, row_security_active(c.oid) as hidden
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where n.nspname = 'auth'
   and c.relname = any(%(tables)s::text[])
   and (not has_schema_privilege(n.oid, 'usage')
        or not has_table_privilege(c.oid, %(right)s::text)
        or not has_column_privilege(c.oid, 'user_id', 'select')
        or row_security_active(c.oid))
 order by c.relname
 limit 20
