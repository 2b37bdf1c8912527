"""
A project's logs at the Management API, over the lines of the world, by either engine: logs.all.otel and logs.all.

The sandbox has no ClickHouse and no BigQuery: it knows the four queries of peakops by what they select from and by the
literals in them, and refuses any other. A line's attributes are named as in the newer engine's map.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from peakops.sandbox.times import moment
from peakops.sandbox.wire import Answer, Request, State

LONGEST = timedelta(hours=24)
UNRANGED = timedelta(minutes=1)
"""What is looked at where no range is given."""
ENGINES = {"clickhouse": "logs.all.otel", "bigquery": "logs.all"}
LOGS = {("GET", f"/v1/projects/{{id}}/analytics/endpoints/{name}"): engine for engine, name in ENGINES.items()}
PROJECT = ("GET", "/v1/projects/{id}")
TABLES = {
    "clickhouse": re.compile(r"from logs\b.*?\bsource = '(\w+)'", re.DOTALL),
    "bigquery": re.compile(r"from (auth_logs|edge_logs) as t"),
}
SUBJECT = re.compile(r"(?:actor_id|subject)(?:'\])? = '([^']*)'")
ADDRESSES = re.compile(r"remote_addr(?:'\])? in \(([^)]*)\)")
SESSION = "request.sb.jwt.authorization.payload.session_id"
OF_REQUEST = {
    "ip": "request.headers.cf_connecting_ip",
    "agent": "request.headers.user_agent",
    "country": "request.cf.country",
    "asn": "request.cf.asn",
    "session": SESSION,
}
OF_AUTH = {
    "action": "auth_event.action",
    "ip": "remote_addr",
    "agent": "auth_audit_event.user_agent",
    "path": "path",
    "status": "status",
    "error_code": "error_code",
}


def project(state: State) -> Answer:
    """GET /v1/projects/{ref}: only what the world says of it differs from project to project."""
    return Answer(
        body={
            "id": "sandboxsandboxsandbo",
            "ref": "sandboxsandboxsandbo",
            "organization_id": "sandbox",
            "organization_slug": "sandbox",
            "name": "portal",
            "region": "us-east-1",
            "created_at": "2025-01-15T09:00:00Z",
            "status": state.get("project", {}).get("status", "ACTIVE_HEALTHY"),
            "database": {
                "host": "db.sandboxsandboxsandbo.supabase.co",
                "version": "15.8.1.060",
                "postgres_engine": "15",
                "release_channel": "ga",
            },
        }
    )


def logs(state: State, request: Request, engine: str) -> Answer:
    """The rows of one of peakops's queries, newest first; the other engine than the project's answers 404."""
    if state.get("logs_engine", "clickhouse") != engine:
        return Answer(status=404, body={"message": f"Cannot GET {request.path}"})
    asked = dict(request.query)
    start, end = _range(asked, request.now)
    if end - start > LONGEST:
        return Answer(status=400, body={"message": "The timestamp range must be no more than 24 hours."})
    text = asked.get("sql", "")
    table, subject = TABLES[engine].search(text), SUBJECT.search(text)
    if table is None or subject is None:
        return Answer(body={"result": [], "error": "The sandbox plays the queries of peakops alone."})
    lines = [
        line
        for line in state["logs"]
        if line["source"] == table[1] and start <= datetime.fromisoformat(line["timestamp"]) <= end
    ]
    written = _written(engine)
    if table[1] == "edge_logs":
        return Answer(body={"result": list(_requests(lines, subject[1], written))})
    listed = ADDRESSES.search(text)
    addresses = set(re.findall(r"'([^']+)'", listed[1])) if listed else set()
    return Answer(body={"result": list(_noted(lines, subject[1], addresses, written))})


def _range(asked: Mapping[str, str], now: datetime) -> tuple[datetime, datetime]:
    end = moment(asked.get("iso_timestamp_end", ""), now) or now
    return moment(asked.get("iso_timestamp_start", ""), now) or end - UNRANGED, end


def _written(engine: str) -> Callable[[str], Any]:
    """How an engine writes a time: ISO 8601 without a zone, or microseconds."""
    if engine == "clickhouse":
        return lambda at: datetime.fromisoformat(at).strftime("%Y-%m-%dT%H:%M:%S.%f")
    return lambda at: round(datetime.fromisoformat(at).timestamp() * 1_000_000)


def _noted(
    lines: Iterable[Mapping[str, Any]], subject: str, addresses: set[str], written: Callable[[str], Any]
) -> Iterable[dict[str, Any]]:
    for line in sorted(lines, key=lambda each: each["timestamp"], reverse=True):
        known = line["attributes"]
        refused = known.get("path") == "/token" and int(known.get("status") or 0) >= 400
        named = subject in (known.get("auth_event.actor_id"), known.get("auth_event.traits.user_id"))
        if named or (refused and known.get("remote_addr") in addresses):
            told = {name: str(known.get(key, "")) for name, key in OF_AUTH.items()}
            yield {"timestamp": written(line["timestamp"]), **told}


def _requests(
    lines: Iterable[Mapping[str, Any]], subject: str, written: Callable[[str], Any]
) -> Iterable[dict[str, Any]]:
    grouped: dict[tuple[str, ...], list[str]] = {}
    for line in lines:
        known = line["attributes"]
        if known.get("request.sb.jwt.authorization.payload.subject") == subject:
            grouped.setdefault(tuple(str(known.get(key, "")) for key in OF_REQUEST.values()), []).append(
                line["timestamp"]
            )
    for key, times in sorted(grouped.items(), key=lambda each: max(each[1]), reverse=True):
        span = {"first_at": written(min(times)), "last_at": written(max(times)), "requests": len(times)}
        yield {**span, **dict(zip(OF_REQUEST, key, strict=True))}
