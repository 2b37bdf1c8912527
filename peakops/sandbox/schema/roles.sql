-- Who may do what in a world. The reader sees neither secrets nor what a patient's file says.
grant usage on schema public, auth to peakops_reader, peakops_writer;
-- Supabase's roles for requests: whoever is not logged in may read nothing here.
grant usage on schema public to anon, authenticated;

do $$
declare
  place record;
begin
  for place in
    select c.oid::regclass as name,
           string_agg(quote_ident(a.attname), ', ' order by a.attnum) filter (where not hidden.is_so) as columns,
           bool_or(hidden.is_so) as has_secrets,
           n.nspname = 'auth' as is_auth
      from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     cross join lateral (select
             (n.nspname = 'auth' and c.relname = 'users' and (a.attname = 'encrypted_password' or a.attname like '%token%'))
          or (n.nspname = 'auth' and (c.relname, a.attname) in (
               ('refresh_tokens', 'token'), ('refresh_tokens', 'parent'), ('sessions', 'refresh_token_hmac_key'),
               ('one_time_tokens', 'token_hash'), ('mfa_factors', 'secret'), ('flow_state', 'auth_code'),
               ('flow_state', 'code_challenge'), ('flow_state', 'provider_access_token'),
               ('flow_state', 'provider_refresh_token'), ('flow_state', 'invite_token')))
          or (n.nspname = 'public' and (c.relname, a.attname) in (
               ('invitations', 'token'), ('cases', 'patient_name'), ('cases', 'clinical_notes'))) as is_so) hidden
     where n.nspname in ('public', 'auth') and c.relkind = 'r'
     group by c.oid, n.nspname
  loop
    if place.has_secrets then
      execute format('grant select (%s) on %s to peakops_reader, peakops_writer', place.columns, place.name);
    else
      execute format('grant select on %s to peakops_reader, peakops_writer', place.name);
    end if;
    if not place.is_auth then
      execute format('grant select (%s) on %s to authenticated', place.columns, place.name);
    end if;
    execute format('grant insert, update, delete on %s to peakops_writer', place.name);
  end loop;
end $$;

-- What a deletion, and a security action, takes away there itself: the rest is Supabase Auth's own to delete.
grant delete on auth.flow_state to peakops_writer;

grant usage on all sequences in schema public, auth to peakops_writer;

-- How far a sequence has come shows only to who may read it; pg_monitor does not.
grant select on all sequences in schema public, auth to peakops_perf;

-- What the writer makes (schema peakops, at setup) the reader can read.
alter default privileges for role peakops_writer grant usage on schemas to peakops_reader;
alter default privileges for role peakops_writer grant select on tables to peakops_reader;

-- The world's clock: a default of now() means the world's now.
create schema sandbox;
create table sandbox.clock (at timestamptz not null, since timestamptz);
create function sandbox.now() returns timestamptz language sql stable security definer set search_path = pg_catalog
  as 'select coalesce((select at + coalesce(greatest(pg_catalog.now() - since, interval ''0''), interval ''0'')
                         from sandbox.clock), pg_catalog.now())';

do $$
declare
  place record;
begin
  for place in
    select d.adrelid::regclass as name, a.attname
      from pg_attrdef d
      join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
      join pg_class c on c.oid = d.adrelid
      join pg_namespace n on n.oid = c.relnamespace
     where n.nspname in ('public', 'auth') and pg_get_expr(d.adbin, d.adrelid) = 'now()'
  loop
    execute format('alter table %s alter column %I set default sandbox.now()', place.name, place.attname);
  end loop;
end $$;
