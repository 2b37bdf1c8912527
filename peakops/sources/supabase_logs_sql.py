"""
What Supabase's platform logs are asked, in the language of either engine.

The newer engine is one ClickHouse table `logs` whose fields are a map of texts, asked at logs.all.otel; the older one
is BigQuery's, a table for each service with nested fields, asked at logs.all. The names of the fields are those of
Supabase's own field reference. The map has '' for a field that a line lacks; a nested field that does not exist fails
the whole query, so that the older engine is asked for less.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

MOST = 1000
"""Rows that either engine brings of one query at most."""


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """One engine: where it is asked, and how it says what a person did, and from where."""

    endpoint: str
    auth: Callable[[str, Sequence[str]], str]
    """Of an account's id, and addresses whose refused log-ins are wanted too."""
    requests: Callable[[str], str]
    """Of an account's id: its requests at the API gateway, by address, agent and session."""


def _listed(addresses: Sequence[str]) -> str:
    return ", ".join(f"'{each}'" for each in addresses) or "''"


def _otel_auth(id: str, addresses: Sequence[str]) -> str:
    return f"""-- peakops: what Supabase Auth noted of an account
select timestamp, log_attributes['auth_event.action'] as action, log_attributes['remote_addr'] as ip,
       log_attributes['auth_audit_event.user_agent'] as agent, log_attributes['path'] as path,
       log_attributes['status'] as status, log_attributes['error_code'] as error_code
from logs
where source = 'auth_logs'
  and (log_attributes['auth_event.actor_id'] = '{id}' or log_attributes['auth_event.traits.user_id'] = '{id}'
       or (log_attributes['path'] = '/token' and toInt32OrZero(log_attributes['status']) >= 400
           and log_attributes['remote_addr'] in ({_listed(addresses)})))
order by timestamp desc
limit {MOST}"""  # noqa: S608  (both are checked: an id and addresses)


def _otel_requests(id: str) -> str:
    return f"""-- peakops: an account's requests at the API gateway
select min(timestamp) as first_at, max(timestamp) as last_at, count() as requests,
       log_attributes['request.headers.cf_connecting_ip'] as ip,
       log_attributes['request.headers.user_agent'] as agent,
       log_attributes['request.cf.country'] as country, log_attributes['request.cf.asn'] as asn,
       log_attributes['request.sb.jwt.authorization.payload.session_id'] as session
from logs
where source = 'edge_logs' and log_attributes['request.sb.jwt.authorization.payload.subject'] = '{id}'
group by ip, agent, country, asn, session
order by last_at desc
limit {MOST}"""  # noqa: S608


def _bigquery_auth(id: str, addresses: Sequence[str]) -> str:
    return f"""-- peakops: what Supabase Auth noted of an account
select t.timestamp, ae.action, m.remote_addr as ip, m.path, m.status, m.error_code
from auth_logs as t
cross join unnest(t.metadata) as m
left join unnest(m.auth_event) as ae
left join unnest(ae.traits) as tr
where ae.actor_id = '{id}' or tr.user_id = '{id}'
   or (m.path = '/token' and cast(m.status as int64) >= 400 and m.remote_addr in ({_listed(addresses)}))
order by t.timestamp desc
limit {MOST}"""  # noqa: S608


def _bigquery_requests(id: str) -> str:
    return f"""-- peakops: an account's requests at the API gateway
select min(t.timestamp) as first_at, max(t.timestamp) as last_at, count(*) as requests,
       h.cf_connecting_ip as ip, h.user_agent as agent, cf.country, cf.asn, p.session_id as session
from edge_logs as t
cross join unnest(t.metadata) as m
cross join unnest(m.request) as r
cross join unnest(r.headers) as h
left join unnest(r.cf) as cf
cross join unnest(r.sb) as sb
cross join unnest(sb.jwt) as jwt
cross join unnest(jwt.`authorization`) as a
cross join unnest(a.payload) as p
where p.subject = '{id}'
group by ip, agent, cf.country, cf.asn, session
order by last_at desc
limit {MOST}"""  # noqa: S608


CLICKHOUSE = Dialect(endpoint="logs.all.otel", auth=_otel_auth, requests=_otel_requests)
BIGQUERY = Dialect(endpoint="logs.all", auth=_bigquery_auth, requests=_bigquery_requests)
