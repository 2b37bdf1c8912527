-- security/agents: every user agent that people logged in with, with its first two people and when each began.
-- params: since (timestamptz), until (timestamptz)
-- reads: public.audit_logs, auth.sessions
with used as (
  select seen.user_agent, seen.user_id, min(seen.at) as first_at
    from (select left(a.user_agent, 500) as user_agent, a.user_id, a.created_at as at
            from public.audit_logs as a
           where a.action = 'auth.login'
             and a.created_at between %(since)s::timestamptz and %(until)s::timestamptz
           union all
          select left(s.user_agent, 500), s.user_id, s.created_at
            from auth.sessions as s
           where s.created_at between %(since)s::timestamptz and %(until)s::timestamptz) as seen
   where seen.user_agent <> ''
     and seen.user_id is not null
   group by 1, 2
)
select used.user_agent as agent, (array_agg(used.user_id order by used.first_at, used.user_id))[1:2] as people,
       (array_agg(used.first_at order by used.first_at, used.user_id))[1:2] as firsts
  from used
 group by used.user_agent
 order by used.user_agent
