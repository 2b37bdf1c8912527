-- shipping/backlog: the shipments of a window with UPS that have no label, newest first, with what shipping/shipments, parcel, practice, case and audit say of each.
-- params: since (timestamptz), until (timestamptz)
-- reads: public.shipments, public.practices, public.cases, public.audit_logs
select s.id, s.shipment_number, s.case_id, s.practice_id, s.carrier, s.status, s.tracking_number, s.created_at,
       s.direction, s.service_code, s.label_path is not null as has_label, s.attempted_at,
       -- Free text may name a patient: a number of UPS's or of HTTP, or a known word; anything else is 'other'.
       case when coalesce(nullif(btrim(s.error_code), ''), nullif(btrim(s.error), '')) is not null
            then coalesce(substring(coalesce(nullif(btrim(s.error_code), ''), s.error)
                                    from '^\s*(?:HTTP )?([0-9]{3,7}|timeout|ETIMEDOUT|ECONNRESET)\M'), 'other') end as error_code,
       place.lines, s.ship_to ->> 'city' as city, s.ship_to ->> 'state' as state,
       s.ship_to ->> 'postal_code' as postal_code,
       coalesce(nullif(replace(upper(btrim(s.ship_to ->> 'country')), 'USA', 'US'), ''), 'US') as country,
       packed.weights,
       p.name as practice, p.status as practice_status, nullif(btrim(p.ups_account_number), '') as account,
       c.case_number, c.status as case_status,
       coalesce(logged.actions, '{}') as logged_actions, coalesce(logged.moments, '{}') as logged_moments,
       coalesce(logged.codes, '{}') as logged_codes
  from public.shipments as s
  join public.practices as p on p.id = s.practice_id
  left join public.cases as c on c.id = s.case_id
 cross join lateral (select coalesce(array_agg(each.line order by each.place), '{}') as lines
                       from jsonb_array_elements_text(case jsonb_typeof(s.ship_to -> 'lines')
                                                      when 'array' then s.ship_to -> 'lines' else '[]' end)
                            with ordinality as each (line, place)) as place
 cross join lateral (select coalesce(array_agg(case jsonb_typeof(each.package -> 'weight_lb') when 'number'
                                               then (each.package ->> 'weight_lb')::float end order by each.place), '{}') as weights
                       from jsonb_array_elements(case jsonb_typeof(s.packages) when 'array' then s.packages else '[]' end)
                            with ordinality as each (package, place)) as packed
 cross join lateral (select array_agg(newest.action order by newest.created_at desc, newest.id desc) as actions,
                            array_agg(newest.created_at order by newest.created_at desc, newest.id desc) as moments,
                            array_agg(newest.code order by newest.created_at desc, newest.id desc) as codes
                       from (select a.id, a.action, a.created_at,
                                    substring(coalesce(a.details ->> 'code', a.details ->> 'error')
                                              from '^\s*(?:HTTP )?([0-9]{3,7}|timeout|ETIMEDOUT|ECONNRESET)\M') as code
                               from public.audit_logs as a
                              where a.resource_type = 'shipment'
                                and a.resource_id = s.id::text
                                and a.action in ('shipping.label_requested', 'shipping.label_failed', 'shipping.label_created')
                              order by a.created_at desc, a.id desc
                              limit 50) as newest) as logged
 where s.created_at between %(since)s::timestamptz and %(until)s::timestamptz
   and s.carrier = 'ups'
   and (s.status not in ('labelled', 'voided') or (s.status = 'labelled' and nullif(btrim(s.tracking_number), '') is null))
 order by s.created_at desc, s.id
