"""What the scenarios of one person's security look at: the person, what each log holds of them, who else is near."""

from datetime import datetime
from typing import Any

from peakops.promise import kept
from peakops.scenario import Answer, Look, Promise, Row
from peakops.scenarios.addresses import identifier, known, missed
from peakops.scenarios.security.score import LEARNS
from peakops.scenarios.user import looks as people

PERSON = "user/person"


def person(look: Look, given: str) -> Answer:
    """
    The look that finds the person: by account or profile, else by an id of whom only the portal's log tells.

    Who is only invited has done nothing that could be looked at, and is not found.
    """
    id = identifier(given)
    traces = [["security/traces", {"id": id}]] if id else []
    found = look.at(
        "database", "person", "find", ways=[*(each for each in people.ways(given) if each[0] == PERSON), *traces]
    )
    look.rows("similar", "user/similar", email=found.then(lambda row: None if row else missed(given)))
    return found


def around(
    look: Look,
    who: Answer,
    *,
    since: datetime | Promise,
    until: datetime | Promise,
    ip: str | None = None,
    session: str | None = None,
) -> None:
    """Declare all looks but the one that finds the person; nothing is asked of everybody where nobody was found."""
    id, emails = who["id"], who.then(known)
    before = who.then(lambda _: kept(since) - LEARNS)
    window = {"since": since, "until": until}
    look.rows("window", "security/window", since=since, until=until)
    look.rows("accounts", "user/accounts", id=id, emails=emails)
    look.rows("profiles", "user/profiles", id=id, emails=emails)
    look.at("database", "containment", "team", query="user/containment", id=id)
    history = look.rows("history", "security/history", id=id, since=before, until=until)
    sessions = look.rows("sessions", "security/sessions", id=id, since=before, until=until)
    look.rows("portal_log", "security/logs_kept")
    log = {"query": "security/auth_events", "size": "user/size", "table": "auth.audit_log_entries"}
    look.at("database", "auth_events", "modest", id=id, **log, **window)
    look.rows("auth_log", "security/auth_log_kept")
    _company(look, who, before, until)
    used = (history.then(_addresses).otherwise(()), sessions.then(_addresses).otherwise(()))
    look.at("supabase_logs", "platform", "person", id=id, addresses=used, **window)
    look.at("firewall", "firewall", "events", **window)
    _pivots(look, id, window, ip, session)


def _company(look: Look, who: Answer, since: Promise, until: datetime | Promise) -> None:
    """What colleagues use, without which everything is as new as it looks."""
    look.rows("networks", "security/networks", since=since, until=until)
    look.rows("agents", "security/agents", since=since, until=until)
    look.rows("sprays", "security/sprays", since=since, until=until)
    shared = {"query": "security/shared", "size": "user/size", "table": "auth.sessions"}
    look.at("database", "shared", "modest", id=who["id"], **shared)


def _pivots(look: Look, id: Promise, window: dict[str, Any], ip: str | None, session: str | None) -> None:
    if ip:
        noted = {"query": "security/noted_at_address", "size": "user/size", "table": "public.audit_logs"}
        look.rows("by_address", "security/by_address", id=id, ip=ip, **window)
        look.at("database", "noted_at_address", "modest", id=id, ip=ip, **noted, **window)
    if session:
        look.rows("by_session", "security/by_session", id=id, session=session)


def _addresses(rows: list[Row]) -> tuple[str, ...]:
    """The addresses of some rows, the newest first."""
    return tuple(dict.fromkeys(each["ip"] for each in rows if each["ip"]))


def absent(given: str) -> str:
    """The sentence for a person who is not there."""
    return f"Neither Supabase Auth, nor the portal, nor its log knows '{given.strip()}'."
