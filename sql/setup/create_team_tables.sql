-- setup/create_team_tables: the schema of the team's state; what is there already stays as it is.
-- params: none
-- writes: all tables of the schema peakops
-- expects: 0
create schema if not exists peakops;

create table if not exists peakops.journal (            -- a copy; the hash-chained file of each operator is written first and is the proof
  operator text not null, seq bigint not null, at timestamptz not null, kind text not null, command text not null, subject text not null,
  plan_hash text, detail jsonb not null default '{}', prev_hash text not null, hash text not null, primary key (operator, seq));

create table if not exists peakops.locks (              -- a lease row, not an advisory lock: poolers in transaction mode break those
  subject text primary key, owner text not null, taken_at timestamptz not null, expires_at timestamptz not null);

create table if not exists peakops.leases (             -- mitigations that must be taken back
  id uuid primary key default gen_random_uuid(), kind text not null, subject text not null, inverse jsonb not null, reason text not null,
  operator text not null, made_at timestamptz not null, expires_at timestamptz not null, ended_at timestamptz, outcome text);

create table if not exists peakops.containments (
  user_id uuid not null, made_at timestamptz not null, operator text not null, reason text not null, incident_id uuid, previous jsonb not null default '{}',
  released_at timestamptz, primary key (user_id, made_at));

create table if not exists peakops.legal_holds (
  subject text not null, reason text not null, placed_by text not null, placed_at timestamptz not null, lifted_at timestamptz, primary key (subject, placed_at));

create table if not exists peakops.incidents (
  id uuid primary key default gen_random_uuid(), number text not null unique, subject text not null, severity text not null, opened_at timestamptz not null, opened_by text not null);
create table if not exists peakops.incident_events (
  incident_id uuid not null references peakops.incidents (id), seq bigint not null, at timestamptz not null, recorded_at timestamptz not null, operator text not null,
  kind text not null, says text not null, detail jsonb not null default '{}', prev_hash text not null, hash text not null, primary key (incident_id, seq));
create table if not exists peakops.escalation_claims (
  incident_id uuid not null references peakops.incidents (id), tier int not null, channel text not null, attempt int not null, claimed_at timestamptz not null,
  claimed_by text not null, outcome text, primary key (incident_id, tier, channel, attempt));

create table if not exists peakops.mutes (fingerprint text not null, owner text not null, reason text not null, made_at timestamptz not null, expires_at timestamptz not null, primary key (fingerprint, made_at));
create table if not exists peakops.seen (sweep text not null, fingerprint text not null, first_at timestamptz not null, last_at timestamptz not null, verdict text not null, primary key (sweep, fingerprint));
create table if not exists peakops.runs (sweep text not null, started_at timestamptz not null, host text not null, ended_at timestamptz, exit_code int, primary key (sweep, started_at, host));
create table if not exists peakops.deletions (
  request_id text primary key, subject_hmac text not null, received_at timestamptz, executed_at timestamptz not null, basis text not null, operator text not null,
  plan_hash text not null, counts jsonb not null, kept jsonb not null, verified jsonb not null);
