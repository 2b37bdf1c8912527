-- case/cases: the case of this number, however it is spelt, of this id, or linked to this Salesforce record; the others are null.
-- params: number (text), id (uuid), record (text, a Salesforce id of 15 or 18 characters)
-- reads: public.cases, public.practices
-- limit: 20
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
       case when btrim(p.salesforce_account_id) <> '' then p.salesforce_account_id end as salesforce_account_id
  from public.cases as c
  join public.practices as p on p.id = c.practice_id
 where (%(number)s::text is null
        or upper(c.case_number) = upper(%(number)s::text))
   and (%(id)s::uuid is null
        or c.id = %(id)s::uuid)
   -- The last three of 18 characters only check the first 15.
   and (%(record)s::text is null
        or left(c.salesforce_case_id, 15) = left(%(record)s::text, 15))
 order by c.created_at desc, c.id
 limit 20
