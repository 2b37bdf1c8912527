-- sweep/mute: mutes a finding, or a subject, for a while; after what another machine noted, whose clock may be ahead.
-- params: fingerprint (text), owner (text), reason (text), expires_at (timestamptz), now (timestamptz)
-- writes: peakops.mutes
-- expects: 1
insert into peakops.mutes as m (fingerprint, owner, reason, made_at, expires_at)
select %(fingerprint)s::text, %(owner)s::text, %(reason)s::text, made.at,
       made.at + (%(expires_at)s::timestamptz - %(now)s::timestamptz)
  from (select greatest(%(now)s::timestamptz, max(before.made_at) + interval '1 microsecond') as at
          from peakops.mutes as before
         where before.fingerprint = %(fingerprint)s::text) as made
    on conflict (fingerprint, made_at) do update
       set owner = excluded.owner, reason = excluded.reason, expires_at = excluded.expires_at
returning fingerprint
