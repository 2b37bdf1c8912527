-- setup/grant_reading: lets the role that reads see the team's state.
-- params: none
-- writes: privileges of the schema peakops
-- expects: 0
do $$
begin
  execute format('grant usage on schema peakops to %I', current_setting('peakops.reader'));
  execute format('grant select on all tables in schema peakops to %I', current_setting('peakops.reader'));
end $$
