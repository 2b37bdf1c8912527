"""Checks a world's `resend` part, and fills in what Resend would say."""

from datetime import UTC, datetime
from email.utils import parseaddr
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from peakops.sandbox.refusals import mapping, only, refuse
from peakops.sandbox.state import Sandbox
from peakops.sandbox.vendors import RESOURCES
from peakops.sandbox.vendors.objects import Object, number, objects, once, one_of, text, texts, time
from peakops.sandbox.wire import State

EMAIL = (
    *("id", "to", "from", "subject", "last_event", "created_at", "html", "text", "tags", "cc", "bcc", "reply_to"),
    "scheduled_at",
)
EVENTS = (
    *("queued", "scheduled", "sent", "delivered", "delivery_delayed", "opened", "clicked"),
    *("bounced", "complained", "suppressed", "failed", "canceled"),
)
SUPPRESSION = ("id", "email", "origin", "source_id", "created_at")
ORIGINS = ("bounce", "complaint", "manual")
DOMAIN = ("id", "name", "status", "records", "created_at", "region")
STATUSES = ("pending", "verified", "failed", "not_started", "partially_verified", "partially_failed")
RECORD = ("record", "name", "type", "ttl", "status", "value", "priority", "published")
"""`published` is whether the DNS has it by now, which the next look finds."""

RECORDS: tuple[Object, ...] = (
    {"record": "DKIM", "name": "resend._domainkey", "type": "TXT", "ttl": "Auto", "value": "p=MIGfMA0GCSqGSIb3DQEB"},
    {"record": "SPF", "name": "send", "type": "TXT", "ttl": "Auto", "value": "v=spf1 include:amazonses.com ~all"},
    {
        "record": "SPF",
        "name": "send",
        "type": "MX",
        "ttl": "Auto",
        "value": "feedback-smtp.us-east-1.amazonses.com",
        "priority": 10,
    },
)
"""The records of a domain that sends."""

RECORD_STATUSES = ("pending", "verified", "failed", "temporary_failure", "not_started")
COUNTS = (
    *("received", "delivered", "complained", "suppressed", "bounced", "bounced_transient", "bounced_permanent"),
    *("bounced_undetermined", "opened", "clicked", "unsubscribed", "delivery_delayed", "failed", "sent"),
    *("unique_opened", "unique_clicked"),
)
METRICS = (
    *COUNTS,
    *("delivery_rate", "open_rate", "click_rate", "bounce_rate", "complaint_rate", "unsubscribe_rate"),
)
"""The figures of a span of time; rates are in percent."""

MOST_MAILS = 10**12
QUOTA = ("daily", "daily_used", "monthly", "monthly_used")
LOG = ("id", "created_at", "endpoint", "method", "response_status", "user_agent")
METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")
OUTCOME = ("email", "last_event")
KEYS = ("full_access", "sending_access")
FROM = "Peak Dental Studio <no-reply@portal.example>"


def complete(part: State, now: datetime) -> State:
    """The world's part, checked, with absolute times and Resend's defaults; lists are kept newest first."""
    only(part, RESOURCES["resend"], "resend", "resource")
    metrics = mapping(part.get("metrics", {}), "resend.metrics")
    only(metrics, METRICS, "resend.metrics", "metric")
    return {
        "emails": newest_first(email(*each, place, now) for place, each in listed(part, "emails", EMAIL)),
        "suppressions": newest_first(
            suppression(*each, place, now) for place, each in listed(part, "suppressions", SUPPRESSION)
        ),
        "domains": newest_first(
            domain(*each, place, now) for place, each in listed(with_domain(part), "domains", DOMAIN)
        ),
        "metrics": {name: number(metrics, name, "resend.metrics", 0, most=MOST_MAILS) for name in metrics},
        "quota": quota(part.get("quota", {})),
        "logs": newest_first(log(*each, place, now) for place, each in listed(part, "logs", LOG)),
        "outcomes": [outcome(*each) for each in objects(part.get("outcomes", []), OUTCOME, "resend.outcomes")],
        "key": one_of(part, "key", KEYS, "resend", KEYS[0]),
    }


def with_domain(part: State) -> State:
    """The part; where it says nothing of domains, with that of the portal's sender, in good order."""
    return {"domains": [{"name": parseaddr(Sandbox.email_from)[1].partition("@")[2]}], **part}


def listed(part: State, name: str, keys: tuple[str, ...]) -> "enumerate[tuple[Object, str]]":
    """The objects of one list, each with its number and its place in the file."""
    return enumerate(objects(part.get(name, []), keys, f"resend.{name}"))


def newest_first(found: Any) -> list[Object]:
    """As Resend lists them. Refuses an id that occurs twice."""
    entries: list[Object] = sorted(found, key=lambda each: str(each["created_at"]), reverse=True)
    once((each["id"] for each in entries), "resend")
    return entries


def identifier(kind: str, number: int | str) -> str:
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
        "tags": [dict(each) for each, _ in objects(given.get("tags") or [], ("name", "value"), f"{place}.tags")],
        **{name: texts(given[name], f"{place}.{name}") for name in ("cc", "bcc", "reply_to") if name in given},
        **({"scheduled_at": given["scheduled_at"]} if "scheduled_at" in given else {}),
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
    """A domain that is sent from; its records are as good as it is, where the world does not say it."""
    status = one_of(given, "status", STATUSES, place, "verified")
    records = objects(given.get("records") or [dict(each) for each in RECORDS], RECORD, f"{place}.records")
    return {
        "id": text(given, "id", place, identifier("domain", number)),
        "name": text(given, "name", place),
        "status": status,
        "created_at": stamp(time(given, "created_at", now, place, "-90d")),
        "region": text(given, "region", place, "us-east-1"),
        "records": [record(*each, status) for each in records],
    }


def record(given: Object, place: str, status: str) -> Object:
    """A DNS record of a domain; what a world leaves out is as in the record of its kind."""
    kind = text(given, "record", place, RECORDS[0]["record"])
    usual = next((each for each in RECORDS if each["record"] == kind), RECORDS[0])
    state = one_of(given, "status", RECORD_STATUSES, place, status if status in RECORD_STATUSES else "pending")
    return {**usual, "record": kind, "status": state, "published": state == "verified", **given}


def quota(value: Any) -> Object:
    """How many mails a day and a month may have, and have had; a paid plan, as by default, has no daily limit."""
    given = mapping(value, "resend.quota")
    only(given, QUOTA, "resend.quota")
    usual = {"daily": None, "daily_used": 0, "monthly": 50_000, "monthly_used": 0}
    said = {name: number(given, name, "resend.quota", 0, most=MOST_MAILS) for name in given if given[name] is not None}
    return {**usual, **given, **said}


def log(given: Object, place: str, count: int, now: datetime) -> Object:
    """A request to Resend, by the portal or whoever has a key."""
    return {
        "id": text(given, "id", place, identifier("log", count)),
        "created_at": stamp(time(given, "created_at", now, place)),
        "endpoint": text(given, "endpoint", place, "/emails"),
        "method": one_of(given, "method", METHODS, place, "POST"),
        "response_status": int(number(given, "response_status", place, 200, most=599)),
        "user_agent": text(given, "user_agent", place, "resend-node:4.0.0"),
    }


def outcome(given: Object, place: str) -> Object:
    """What becomes of the mails to an address that are sent from now on."""
    return {
        "email": text(given, "email", place),
        "last_event": one_of(given, "last_event", EVENTS, place, "delivered"),
    }
