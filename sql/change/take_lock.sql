-- change/take_lock: takes the lease on a subject, if nobody has it, it has run out, or a dead run of this station had it.
-- params: subject (text), owner (text), station (text), expires_at (timestamptz), now (timestamptz)
-- writes: locks (of the schema peakops)
-- expects: 0-1
insert into peakops.locks as held (subject, owner, taken_at, expires_at)
values (%(subject)s::text, %(owner)s::text, %(now)s::timestamptz, %(expires_at)s::timestamptz)
    on conflict (subject) do update
       set owner = excluded.owner, taken_at = excluded.taken_at, expires_at = excluded.expires_at
     where held.expires_at <= %(now)s::timestamptz
        or starts_with(held.owner, %(station)s::text)
returning subject
