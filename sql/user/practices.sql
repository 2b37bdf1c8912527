-- user/practices: the practices of an id or an exact name, and those whose name holds what was named.
-- params: practice (text, or null)
-- reads: public.practices
-- limit: 20
select p.id, p.name, p.status,
       p.id::text = lower(btrim(%(practice)s::text)) or p.name = btrim(%(practice)s::text) as exact
  from public.practices p
 where p.id::text = lower(btrim(%(practice)s::text))
    or (btrim(%(practice)s::text) <> '' and strpos(lower(p.name), lower(btrim(%(practice)s::text))) > 0)
 order by exact desc, p.name, p.id
 limit 20
