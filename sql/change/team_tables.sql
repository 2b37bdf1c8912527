-- change/team_tables: whether the schema of the team's tables is there, and the tables that writing uses.
-- params: none
-- reads: pg_class (no row of it)
select to_regnamespace('peakops') is not null as schema,
       to_regclass('peakops.locks') is not null as locks,
       to_regclass('peakops.journal') is not null as journal
