-- security/note_release: records that the security actions which are open for a person are over.
-- params: user (uuid), now (timestamptz)
-- writes: peakops.containments
-- expects: 1-20
update peakops.containments as c
   set released_at = %(now)s::timestamptz
 where c.user_id = %(user)s::uuid
   and c.released_at is null
returning user_id
