-- invitation/backlog_since: when the oldest invitation was made whose mail somebody may wait for; none where there is none.
-- params: since (timestamptz), until (timestamptz)
-- reads: public.invitations
select min(i.created_at) as since
  from public.invitations as i
 where i.created_at between %(since)s::timestamptz and %(until)s::timestamptz
    or (i.status in ('pending', 'expired')
        and i.expires_at between %(since)s::timestamptz and %(until)s::timestamptz)
