-- shipping/audit: what the portal logged of a shipment's label, newest first; of an error the code alone.
-- params: id (uuid)
-- reads: audit_logs
-- limit: 50
select a.action, a.created_at,
       substring(coalesce(a.details ->> 'code', a.details ->> 'error')
                 from '^\s*(?:HTTP )?([0-9]{3,7}|timeout|ETIMEDOUT|ECONNRESET)\M') as code
  from public.audit_logs a
 where a.resource_type = 'shipment'
   and a.resource_id = %(id)s::uuid::text
   and a.action in ('shipping.label_requested', 'shipping.label_failed', 'shipping.label_created')
 order by a.created_at desc, a.id desc
 limit 50
