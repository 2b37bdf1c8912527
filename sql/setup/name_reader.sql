-- setup/name_reader: names the role that reads, for the grant that follows in the same transaction.
-- params: role (text)
-- writes: no table (a setting of the transaction)
-- expects: 1
select set_config('peakops.reader', %(role)s::text, true) as role
