-- sweep/mutes: the newest mute of each finding or subject, and whether it holds; one that was ended has the moment of its end.
-- params: now (timestamptz)
-- reads: peakops.mutes
select distinct on (m.fingerprint) m.fingerprint, m.owner, m.reason, m.made_at, m.expires_at,
       case when m.expires_at <= m.made_at then 'ended'
            when m.expires_at <= %(now)s::timestamptz then 'expired'
            else 'active' end as state
  from peakops.mutes as m
 order by m.fingerprint, m.made_at desc
