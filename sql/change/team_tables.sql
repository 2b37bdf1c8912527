-- change/team_tables: whether the tables that writing uses are there, as far as this role can see.
-- params: none
-- reads: pg_class (no row of it)
select to_regclass('peakops.locks') is not null as locks,
       to_regclass('peakops.journal') is not null as journal
