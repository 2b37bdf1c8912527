-- security/window: the stretch of time that is judged, beside what was read of it.
-- params: since (timestamptz), until (timestamptz)
-- reads: no table
select %(since)s::timestamptz as since, %(until)s::timestamptz as until
