-- sweep/end_mute: ends the mute of a finding or a subject, one too that is over: by a row that begins and ends now.
-- The mute's own row is left as it was made.
-- params: fingerprint (text), now (timestamptz)
-- writes: peakops.mutes
-- expects: 0-1
insert into peakops.mutes as m (fingerprint, owner, reason, made_at, expires_at)
select newest.fingerprint, newest.owner, newest.reason, ended.at, ended.at
  from (select before.fingerprint, before.owner, before.reason, before.made_at, before.expires_at
          from peakops.mutes as before
         where before.fingerprint = %(fingerprint)s::text
         order by before.made_at desc
         limit 1) as newest
 cross join lateral (select greatest(%(now)s::timestamptz, newest.made_at + interval '1 microsecond') as at) as ended
 where newest.expires_at > newest.made_at
    on conflict (fingerprint, made_at) do update
       set expires_at = excluded.expires_at
returning fingerprint
