"""Checks a world's `sendgrid` part, and fills in what SendGrid would say."""

import re
from datetime import datetime
from typing import Any

from peakops.sandbox.refusals import mapping, only
from peakops.sandbox.times import written
from peakops.sandbox.vendors import RESOURCES
from peakops.sandbox.vendors.objects import Object, objects, one_of, text, texts, time
from peakops.sandbox.wire import State

MESSAGE = ("sg_message_id", "to_email", "from_email", "subject", "status", "reason", "created_at")
STATUSES = ("processed", "delivered", "deferred", "dropped", "bounced", "blocked")
LISTS = ("bounces", "blocks", "spam_reports", "invalid_emails", "unsubscribes")
LISTED = ("email", "reason", "created", "status", "ip")
STATS = ("date", "requests", "processed", "delivered", "bounces", "spam_reports", "blocks")
DOMAIN = ("domain", "valid", "dns")
FROM = "no-reply@portal.example"

SCOPES = (
    *("mail.send", "email_activity.read", "stats.read", "whitelabel.read", "whitelabel.update"),
    *(f"suppression.{verb}" for verb in ("read", "delete")),
    *(f"suppression.{name}.{verb}" for name in LISTS for verb in ("read", "delete")),
    *(f"mail_settings.address_whitelist.{verb}" for verb in ("read", "update")),
)
"""What the key may do where a world does not say it."""

REASONS = {
    "bounces": "550 5.1.1 The email account that you tried to reach does not exist.",
    "blocks": "421 4.7.0 Try again later, closing connection.",
    "spam_reports": "",
    "invalid_emails": "Mail domain mentioned in email address is unknown",
    "unsubscribes": "",
}
ENHANCED = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")
"""The enhanced status code in a mail server's answer (RFC 3463)."""


def complete(part: State, now: datetime) -> State:
    """The world's part, checked, with absolute times and SendGrid's defaults."""
    only(part, RESOURCES["sendgrid"], "sendgrid", "resource")
    suppressions = mapping(part.get("suppressions", {}), "sendgrid.suppressions")
    only(suppressions, LISTS, "sendgrid.suppressions", "list of suppressions")
    return {
        "messages": messages(part.get("messages", []), now),
        "suppressions": {name: suppressed(name, suppressions.get(name, []), now) for name in LISTS},
        "stats": [day(given, now, place) for given, place in objects(part.get("stats", []), STATS, "sendgrid.stats")],
        "domains": [
            {"domain": text(given, "domain", place), "valid": True, "dns": {}, **given}
            for given, place in objects(part.get("domains", []), DOMAIN, "sendgrid.domains")
        ],
        "scopes": texts(part.get("scopes", list(SCOPES)), "sendgrid.scopes"),
        "allowlist": texts(part.get("allowlist", []), "sendgrid.allowlist"),
    }


def messages(value: Any, now: datetime) -> list[Object]:
    """The mails that the log holds."""
    return [
        {
            "sg_message_id": text(given, "sg_message_id", place, f"sandbox{number}.recvd-0000000000-00000-1-0.0"),
            "to_email": text(given, "to_email", place),
            "from_email": text(given, "from_email", place, FROM),
            "subject": text(given, "subject", place, ""),
            "status": one_of(given, "status", STATUSES, place, "delivered"),
            "reason": text(given, "reason", place, ""),
            "created_at": written(time(given, "created_at", now, place)),
        }
        for number, (given, place) in enumerate(objects(value, MESSAGE, "sendgrid.messages"))
    ]


def suppressed(name: str, value: Any, now: datetime) -> list[Object]:
    """One list of addresses, `created` in Unix seconds."""
    entries = []
    for given, place in objects(value, LISTED, f"sendgrid.suppressions.{name}"):
        reason = text(given, "reason", place, REASONS[name])
        code = ENHANCED.search(reason)
        entries.append(
            {
                "email": text(given, "email", place),
                "reason": reason,
                "created": int(time(given, "created", now, place).timestamp()),
                "status": text(given, "status", place, code[0] if code else ""),
                "ip": text(given, "ip", place, "198.51.100.25"),
            }
        )
    return entries


def day(given: Object, now: datetime, place: str) -> Object:
    """One day's figures."""
    return {**dict.fromkeys(STATS, 0), **given, "date": f"{time(given, 'date', now, place, '-1d'):%Y-%m-%d}"}
