-- security/containment: the security actions for a person, newest first, with what was so before each.
-- params: id (uuid, or null)
-- reads: peakops.containments
-- limit: 20
select c.made_at, c.operator, c.reason, c.incident_id, c.released_at,
       c.previous ? 'banned_until' as has_ban,
       c.previous ->> 'banned_until' as was_banned_until,
       case jsonb_typeof(c.previous -> 'is_active') when 'boolean' then c.previous -> 'is_active' = 'true'::jsonb
            end as was_active,
       case jsonb_typeof(c.previous -> 'jwt_exp') when 'number' then round((c.previous ->> 'jwt_exp')::numeric)::bigint
            end as jwt_exp,
       c.previous ->> 'evidence' as evidence
  from peakops.containments c
 where c.user_id = %(id)s::uuid
 order by c.made_at desc
 limit 20
