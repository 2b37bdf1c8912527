-- shipping/parcel: what a label of a shipment needs and how far it got; of an error the code alone, of ship_to no person.
-- params: id (uuid)
-- reads: public.shipments
select s.id, s.carrier, s.direction, s.service_code, s.label_path is not null as has_label, s.attempted_at,
       -- Free text may name a patient: a number of UPS's or of HTTP, or a known word; anything else is 'other'.
       case when coalesce(nullif(btrim(s.error_code), ''), nullif(btrim(s.error), '')) is not null
            then coalesce(substring(coalesce(nullif(btrim(s.error_code), ''), s.error)
                                    from '^\s*(?:HTTP )?([0-9]{3,7}|timeout|ETIMEDOUT|ECONNRESET)\M'), 'other') end as error_code,
       place.lines, s.ship_to ->> 'city' as city, s.ship_to ->> 'state' as state,
       s.ship_to ->> 'postal_code' as postal_code,
       coalesce(nullif(replace(upper(btrim(s.ship_to ->> 'country')), 'USA', 'US'), ''), 'US') as country,
       packed.weights,
       -- What the label depends on, apart from the person, in one short word: to notice that it has changed.
       left(md5(concat_ws('|', (s.ship_to - 'name' - 'phone')::text, s.packages::text, s.service_code)), 12) as as_seen
  from public.shipments s
 cross join lateral (select coalesce(array_agg(each.line order by each.place), '{}') as lines
                       from jsonb_array_elements_text(case jsonb_typeof(s.ship_to -> 'lines')
                                                      when 'array' then s.ship_to -> 'lines' else '[]' end)
                            with ordinality as each (line, place)) as place
 cross join lateral (select coalesce(array_agg(case jsonb_typeof(each.package -> 'weight_lb') when 'number'
                                               then (each.package ->> 'weight_lb')::float end order by each.place), '{}') as weights
                       from jsonb_array_elements(case jsonb_typeof(s.packages) when 'array' then s.packages else '[]' end)
                            with ordinality as each (package, place)) as packed
 where s.id = %(id)s::uuid
