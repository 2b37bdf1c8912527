-- case/audit: what the portal's audit log says of a case: its submission, and every attempt to bring it to Salesforce.
-- params: case (uuid)
-- reads: public.audit_logs
-- limit: 50
select l.id, l.action, l.created_at,
       -- What the portal noted may hold a patient's name: the leading code alone is read of it, and names of fields.
       substring(told.error from '^(?:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[Tt]imeout|TIMEOUT'
                                    '|invalid_grant|invalid_client_id|invalid_client|invalid_request|invalid_app_access'
                                    '|unauthorized_client|unsupported_grant_type|inactive_user|inactive_org)(?=:|$)')
         as error_code,
       array(select field
               from regexp_split_to_table(substring(told.error from '\[([^\]]*)\]'), '\s*,\s*') as field
              where field ~ '^[A-Za-z]\w*__c$'
                 or field in ('AccountId', 'ContactId', 'Description', 'Origin', 'OwnerId', 'Priority', 'Reason',
                              'RecordTypeId', 'Status', 'Subject', 'Type')) as error_fields
  from public.audit_logs as l
 cross join lateral (select coalesce(l.details ->> 'error', l.details ->> 'sync_error', l.details ->> 'error_code',
                                     l.details ->> 'code', l.details ->> 'message') as error) as told
 where l.resource_type = 'case'
   and l.resource_id = %(case)s::uuid::text
   and l.action in ('case.created', 'case.sync_failed', 'case.synced', 'case.retried', 'case.linked')
 order by l.created_at desc, l.id desc
 limit 50
