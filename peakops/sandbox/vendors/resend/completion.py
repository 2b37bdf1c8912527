"""Checks a world's `resend` part, and fills in what Resend would say."""

from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from peakops.sandbox.refusals import mapping, only, refuse
from peakops.sandbox.vendors import RESOURCES
from peakops.sandbox.vendors.objects import Object, objects, one_of, text, texts, time
from peakops.sandbox.wire import State

EMAIL = ("id", "to", "from", "subject", "last_event", "created_at", "html", "text")
EVENTS = (
    *("queued", "scheduled", "sent", "delivered", "delivery_delayed", "opened", "clicked"),
    *("bounced", "complained", "suppressed", "failed", "canceled"),
)
SUPPRESSION = ("id", "email", "origin", "source_id", "created_at")
ORIGINS = ("bounce", "complaint", "manual")
DOMAIN = ("id", "name", "status", "records", "created_at", "region")
STATUSES = ("pending", "verified", "failed", "not_started", "partially_verified", "partially_failed")
METRICS = ("bounce_rate", "complaint_rate", "delivery_rate")
KEYS = ("full_access", "sending_access")
FROM = "Peak Dental Studio <no-reply@portal.example>"


def complete(part: State, now: datetime) -> State:
    """The world's part, checked, with absolute times and Resend's defaults; lists are kept newest first."""
    only(part, RESOURCES["resend"], "resend", "resource")
    metrics = mapping(part.get("metrics", {}), "resend.metrics")
    only(metrics, METRICS, "resend.metrics", "metric")
    return {
        "emails": newest_first(email(*each, number, now) for number, each in listed(part, "emails", EMAIL)),
        "suppressions": newest_first(
            suppression(*each, number, now) for number, each in listed(part, "suppressions", SUPPRESSION)
        ),
        "domains": newest_first(domain(*each, number, now) for number, each in listed(part, "domains", DOMAIN)),
        "metrics": metrics,
        "key": one_of(part, "key", KEYS, "resend", KEYS[0]),
    }


def listed(part: State, name: str, keys: tuple[str, ...]) -> "enumerate[tuple[Object, str]]":
    """The objects of one list, each with its number and its place in the file."""
    return enumerate(objects(part.get(name, []), keys, f"resend.{name}"))


def newest_first(found: Any) -> list[Object]:
    """As Resend lists them. Refuses an id that occurs twice."""
    entries: list[Object] = sorted(found, key=lambda each: str(each["created_at"]), reverse=True)
    seen: set[str] = set()
    for each in entries:
        if each["id"] in seen:
            refuse("resend", f"{each['id']} occurs twice.")
        seen.add(each["id"])
    return entries


def identifier(kind: str, number: int) -> str:
    """The id of an object to which a world gives none."""
    return str(uuid5(NAMESPACE_OID, f"resend {kind} {number}"))


def stamp(at: datetime) -> str:
    """A time as Resend writes it: `2026-11-20 15:00:00.000000+00`."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}+00"


def email(given: Object, place: str, number: int, now: datetime) -> Object:
    """A mail, with its text if the world says one."""
    to = texts(given.get("to"), f"{place}.to")
    if not to:
        refuse(f"{place}.to", "must name somebody.")
    return {
        "id": text(given, "id", place, identifier("email", number)),
        "to": to,
        "from": text(given, "from", place, FROM),
        "created_at": stamp(time(given, "created_at", now, place)),
        "subject": text(given, "subject", place, ""),
        "html": text(given, "html", place, ""),
        "text": text(given, "text", place, ""),
        "last_event": one_of(given, "last_event", EVENTS, place, "delivered"),
    }


def suppression(given: Object, place: str, number: int, now: datetime) -> Object:
    """An address to which Resend does not send."""
    return {
        "id": text(given, "id", place, identifier("suppression", number)),
        "email": text(given, "email", place),
        "origin": one_of(given, "origin", ORIGINS, place, ORIGINS[0]),
        "source_id": given.get("source_id"),
        "created_at": stamp(time(given, "created_at", now, place)),
    }


def domain(given: Object, place: str, number: int, now: datetime) -> Object:
    """A domain that is sent from."""
    return {
        "id": text(given, "id", place, identifier("domain", number)),
        "name": text(given, "name", place),
        "status": one_of(given, "status", STATUSES, place, "verified"),
        "created_at": stamp(time(given, "created_at", now, place, "-90d")),
        "region": text(given, "region", place, "us-east-1"),
        "records": given.get("records", []),
    }
