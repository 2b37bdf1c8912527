-- case/backlog: the submitted cases of a window, newest first, each with what case/cases and case/audit say of it.
-- params: since (timestamptz), until (timestamptz)
-- reads: public.cases, public.practices, public.audit_logs
select c.id, c.case_number, c.case_type, c.priority, c.due_date, c.status, c.salesforce_case_id,
       c.sync_error is not null as has_error,
       -- What the portal noted may hold a patient's name: the leading code alone is read of it, and names of fields.
       substring(c.sync_error from '^(?:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[Tt]imeout|TIMEOUT'
                                    '|invalid_grant|invalid_client_id|invalid_client|invalid_request|invalid_app_access'
                                    '|unauthorized_client|unsupported_grant_type|inactive_user|inactive_org)(?=:|$)')
         as error_code,
       array(select field
               from regexp_split_to_table(substring(c.sync_error from '\[([^\]]*)\]'), '\s*,\s*') as field
              where field ~ '^[A-Za-z]\w*__c$'
                 or field in ('AccountId', 'ContactId', 'Description', 'Origin', 'OwnerId', 'Priority', 'Reason',
                              'RecordTypeId', 'Status', 'Subject', 'Type')) as error_fields,
       c.sync_attempted_at, c.created_at,
       c.practice_id, p.name as practice, p.status as practice_status,
       case when btrim(p.salesforce_account_id) <> '' then p.salesforce_account_id end as salesforce_account_id,
       l.id as logged_id, l.action as logged_action, l.created_at as logged_created_at,
       substring(told.error from '^(?:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[Tt]imeout|TIMEOUT'
                                    '|invalid_grant|invalid_client_id|invalid_client|invalid_request|invalid_app_access'
                                    '|unauthorized_client|unsupported_grant_type|inactive_user|inactive_org)(?=:|$)')
         as logged_error_code,
       array(select field
               from regexp_split_to_table(substring(told.error from '\[([^\]]*)\]'), '\s*,\s*') as field
              where field ~ '^[A-Za-z]\w*__c$'
                 or field in ('AccountId', 'ContactId', 'Description', 'Origin', 'OwnerId', 'Priority', 'Reason',
                              'RecordTypeId', 'Status', 'Subject', 'Type')) as logged_error_fields
  from public.cases as c
  join public.practices as p on p.id = c.practice_id
  left join public.audit_logs as l
    on l.resource_type = 'case'
   and l.resource_id = c.id::text
   and l.action in ('case.created', 'case.sync_failed', 'case.synced', 'case.retried', 'case.linked')
  left join lateral (select coalesce(l.details ->> 'error', l.details ->> 'sync_error', l.details ->> 'error_code',
                                     l.details ->> 'code', l.details ->> 'message') as error) as told on l.id is not null
 where c.created_at between %(since)s and %(until)s
   and c.status <> 'draft'
 order by c.created_at desc, c.id, l.created_at desc, l.id desc
