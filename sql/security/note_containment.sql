-- security/note_containment: records that a person is kept out, why, and how it was before; once while it is open.
-- params: user (uuid), station (text, who and where), reason (text), was_banned_until (text, or null), was_active (boolean, or null),
--   jwt_exp (text: seconds that an access token works, or empty), evidence (text), now (timestamptz)
-- writes: peakops.containments
-- expects: 0-1
insert into peakops.containments (user_id, made_at, operator, reason, previous)
select %(user)s::uuid, %(now)s::timestamptz, split_part(%(station)s::text, '/', 1), %(reason)s::text,
       jsonb_build_object('banned_until', %(was_banned_until)s::text, 'is_active', %(was_active)s::boolean,
                          'jwt_exp', substring(%(jwt_exp)s::text from '^[0-9]{1,9}$')::int,
                          'evidence', %(evidence)s::text)
 where not exists (select
                     from peakops.containments c
                    where c.user_id = %(user)s::uuid
                      and c.released_at is null)
returning user_id
