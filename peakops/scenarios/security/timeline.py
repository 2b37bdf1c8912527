"""One time line of a person out of what each source holds: events as the score takes them. Pure."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from peakops.networks import network_of, plain
from peakops.scenario import Facts, Row
from peakops.scenarios.security.events import FAILED, LOGIN, PRIVILEGE, SESSION

BASE = ("history", "sessions")
"""The looks without which nothing may be called usual: the portal's log and the sessions."""
SERVER = ("sessions", "gateway")
"""Sources that see the portal's server where the portal stands between them and the person."""
NOTED = "noted"
"""What is told, and says nothing of who it was; the score passes over it."""
BLOCKED = "blocked"
"""What Vercel's firewall stopped from an address of the person's."""
SAME = timedelta(minutes=2)
"""Within it a log-in in two logs is one log-in: the portal notes it once Supabase Auth has answered."""
RIGHTS = (
    *("user_updated_password", "user_modified", "factor_deleted", "factor_unenrolled", "factor_updated"),
    *("identity_linked", "identity_unlinked", "passkey_created", "passkey_updated", "passkey_deleted"),
)
"""Actions of Supabase Auth that change how somebody may get in; made by somebody else, they are only noted."""
REFRESHES = ("refresh_token_not_found", "refresh_token_already_used", "session_not_found", "session_expired")
"""Refusals at the same door that are no log-in: a browser that was left open comes with what has run out."""
MANY, MOST_OF_ALL = 5, 0.5
"""An address of sessions that so many people share, and half of all, is the portal's own server and nobody's."""
EMPTY: Mapping[str, Any] = dict.fromkeys(
    ("at", "user", "kind", "ip", "agent", "country", "asn", "session", "practice", "home", "rows", "source", "line")
)


def events(facts: Facts) -> list[Row]:
    """Everything that answered, in order of time; see security/events.py for the shape."""
    home = _home(facts)
    told = [*_history(facts), *_sessions(facts, home), *_auth(facts, home), *_platform(facts, home)]
    placed = _placed([_written_alike(each) for each in told], _places(facts))
    return sorted([*placed, *_firewall(facts, placed)], key=lambda each: (each["at"], each["line"]))


def egress(facts: Facts) -> tuple[Row, ...]:
    """The addresses of the person's sessions that are the portal's own server, as far as can be told."""
    if not facts.known("shared"):
        return ()
    return tuple(
        each for each in facts["shared"] if each["people"] >= MANY and each["people"] >= each["everybody"] * MOST_OF_ALL
    )


def _history(facts: Facts) -> Iterator[Row]:
    if facts.known("history"):
        yield from facts["history"]


def _sessions(facts: Facts, home: str | None) -> Iterator[Row]:
    """When each session was last refreshed, and from where; of what was before, Supabase keeps nothing."""
    for each in facts["sessions"] if facts.known("sessions") else ():
        told = {name: each[name] for name in ("at", "user", "ip", "agent")}
        yield _event(
            **told,
            kind=SESSION,
            session=str(each["id"]),
            home=home,
            source="sessions",
            line=_line("auth.sessions", each["id"]),
        )


def _auth(facts: Facts, home: str | None) -> Iterator[Row]:
    for each in facts["auth_events"] if facts.known("auth_events") else ():
        changes = each["action"] in RIGHTS and not each["by_another"]
        told = {"at": each["created_at"], "ip": each["ip"], "action": each["action"], "source": "auth", "home": home}
        line = _line("auth.audit_log_entries", each["id"])
        yield _event(**told, user=facts["person"]["id"], kind=PRIVILEGE if changes else NOTED, line=line)


def _platform(facts: Facts, home: str | None) -> Iterator[Row]:
    """What Supabase's platform logs tell; a log-in that the portal's log has too is only noted."""
    if not facts.known("platform"):
        return
    noted: dict[str, list[datetime]] = {LOGIN: [], FAILED: []}
    for each in sorted(_history(facts), key=lambda row: row["at"]):
        if each["kind"] in noted:
            noted[each["kind"]].append(each["at"])
    for each in facts["platform"]:
        told = {name: each[name] for name in ("at", "ip", "agent", "country", "session")}
        kind = _kind(each)
        if kind in noted and _noted(noted[kind], each["at"]):
            kind = NOTED
        more = {"action": each["action"] or each["code"], "times": each["count"], "asn": _text(each["asn"])}
        line = f"{'edge_logs' if each['kind'] == 'requests' else 'auth_logs'} {each['at']:%Y-%m-%dT%H:%M:%SZ}"
        yield _event(**told, **more, user=facts["person"]["id"], kind=kind, home=home, source="gateway", line=line)


def _kind(row: Row) -> str:
    if row["kind"] == "requests":
        return SESSION
    if row["kind"] == "refused":
        return NOTED if row["code"] in REFRESHES else FAILED
    return LOGIN if row["action"] == "login" else NOTED


def _noted(times: list[datetime], at: datetime) -> bool:
    """Whether one of the times, which are in order, is that of the same log-in."""
    place = bisect_left(times, at - SAME)
    return place < len(times) and times[place] <= at + SAME


def _written_alike(event: Row) -> Row:
    """Every source's time in UTC, and its address as IPv4 where it is one: some servers write ::ffff:203.0.113.9."""
    at, ip = event["at"], event["ip"] and _spelt(event["ip"])
    if ip == event["ip"] and not at.utcoffset():
        return event
    return {**event, "at": at.astimezone(UTC), "ip": ip}


@lru_cache(maxsize=16384)
def _spelt(ip: str) -> str:
    network = network_of(ip)
    return plain(network) if network else ip


def _places(facts: Facts) -> dict[str, tuple[str | None, str | None]]:
    """Country and provider by address, as the API gateway tells them."""
    rows = facts["platform"] if facts.known("platform") else ()
    return {each["ip"]: (each["country"], _text(each["asn"])) for each in rows if each["ip"] and each["country"]}


def _placed(told: list[Row], places: Mapping[str, tuple[str | None, str | None]]) -> list[Row]:
    """The events with country and provider where the gateway knows the address."""
    return [
        {**each, "country": each["country"] or places[each["ip"]][0], "asn": each["asn"] or places[each["ip"]][1]}
        if each["ip"] in places
        else each
        for each in told
    ]


def _firewall(facts: Facts, told: list[Row]) -> Iterator[Row]:
    own = {each["ip"] for each in told if each["ip"]}
    for each in facts["firewall"] if facts.known("firewall") else ():
        if each["ip"] in own:
            more = {"at": each["started_at"], "ip": each["ip"], "action": each["action"], "times": each["count"]}
            line = f"firewall {each['rule'] or 'Vercel'} {each['started_at']:%Y-%m-%dT%H:%M:%SZ}"
            yield _event(**more, user=facts["person"]["id"], kind=BLOCKED, source="firewall", line=line)


def _home(facts: Facts) -> str | None:
    """The person's practice; our own people have none that others would not be theirs beside."""
    rows = facts["profiles"] if facts.known("profiles") else ()
    mine = next((each for each in rows if each["id"] == facts["person"]["id"]), None)
    return str(mine["practice_id"]) if mine and mine["practice_id"] and mine["role"] != "staff" else None


def _event(**told: Any) -> Row:
    return {**EMPTY, "action": None, "times": 1, **told}


def _line(table: str, id: Any) -> str:
    return f"{table} {id}"


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
