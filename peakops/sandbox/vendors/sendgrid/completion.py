"""Checks a world's `sendgrid` part, and fills in what SendGrid would say."""

from datetime import datetime
from typing import Any

from peakops.sandbox.refusals import mapping, only
from peakops.sandbox.times import written
from peakops.sandbox.vendors import RESOURCES
from peakops.sandbox.vendors.objects import Object, number, objects, one_of, text, texts, time
from peakops.sandbox.vendors.sendgrid import domains
from peakops.sandbox.vendors.sendgrid.figures import METRICS, MOST_MAILS, credits_of
from peakops.sandbox.vendors.sendgrid.lists import SHOWN, listed
from peakops.sandbox.wire import State

MESSAGE = (
    *("sg_message_id", "to_email", "from_email", "subject", "status", "reason", "created_at"),
    *("categories", "custom_args"),
)
STATUSES = ("processed", "delivered", "deferred", "dropped", "bounced", "blocked")
OUTCOME = ("email", "status", "reason")
GROUPS = "groups"
LISTS = (*SHOWN, GROUPS)
ENTRY = ("email", "reason", "created", "status", "ip")
GROUP = ("email", "group", "id", "created")
FIRST_GROUP = 101
FROM = "no-reply@portal.example"

SCOPES = (
    *("mail.send", "email_activity.read", "stats.read", "user.credits.read"),
    *(f"whitelabel.{verb}" for verb in ("read", "update")),
    *(f"suppression.{verb}" for verb in ("read", "delete")),
    *(f"suppression.{name}.{verb}" for name in SHOWN for verb in ("read", "delete")),
    *(f"asm.suppressions.global.{verb}" for verb in ("read", "delete")),
    "asm.groups.suppressions.read",
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
DROPPED = ("bounce_drops", "spam_report_drops", "unsubscribe_drops")
FAILED = ("bounces", "blocks", "deferred", "invalid_emails")
"""What is asked for and not processed, and what is processed and not delivered."""

ENDS = {"bounced": REASONS["bounces"], "blocked": REASONS["blocks"]}
"""Why a mail is said to have ended so where a world does not say it."""


def complete(part: State, now: datetime) -> State:
    """The world's part, checked, with absolute times and SendGrid's defaults."""
    only(part, RESOURCES["sendgrid"], "sendgrid", "resource")
    suppressions = mapping(part.get("suppressions", {}), "sendgrid.suppressions")
    only(suppressions, LISTS, "sendgrid.suppressions", "list of suppressions")
    sending = objects(part.get("domains", domains.usual()), domains.DOMAIN, "sendgrid.domains")
    return {
        "messages": messages(part.get("messages", []), now),
        "suppressions": {
            **{name: suppressed(name, suppressions.get(name, []), now) for name in SHOWN},
            GROUPS: groups(suppressions.get(GROUPS, []), now),
        },
        "stats": [day(*each, now) for each in objects(part.get("stats", []), ("date", *METRICS), "sendgrid.stats")],
        "domains": [domains.domain(*each, place) for place, each in enumerate(sending)],
        "scopes": texts(part.get("scopes", list(SCOPES)), "sendgrid.scopes"),
        "allowlist": texts(part.get("allowlist", []), "sendgrid.allowlist"),
        "allowlist_enabled": domains.flag(part, "allowlist_enabled", "sendgrid", True),
        "credits": credits_of(part.get("credits", {}), now.date()),
        "outcomes": [outcome(*each) for each in objects(part.get("outcomes", []), OUTCOME, "sendgrid.outcomes")],
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
            "categories": texts(given.get("categories", []), f"{place}.categories"),
            "custom_args": mapping(given.get("custom_args", {}), f"{place}.custom_args"),
        }
        for number, (given, place) in enumerate(objects(value, MESSAGE, "sendgrid.messages"))
    ]


def suppressed(name: str, value: Any, now: datetime) -> list[Object]:
    """One list of addresses, `created` in Unix seconds."""
    entries = []
    for given, place in objects(value, ENTRY, f"sendgrid.suppressions.{name}"):
        reason = text(given, "reason", place, REASONS[name])
        entry = listed(text(given, "email", place), reason, int(time(given, "created", now, place).timestamp()))
        entries.append({**entry, **{key: text(given, key, place, entry[key]) for key in ("status", "ip")}})
    return entries


def groups(value: Any, now: datetime) -> list[Object]:
    """Who has unsubscribed from a group of mails; groups of the same name are one."""
    found = objects(value, GROUP, f"sendgrid.suppressions.{GROUPS}")
    names = list(dict.fromkeys(text(given, "group", place) for given, place in found))
    return [
        {
            "email": text(given, "email", place),
            "group": given["group"],
            "id": given.get("id", FIRST_GROUP + names.index(given["group"])),
            "created": int(time(given, "created", now, place).timestamp()),
        }
        for given, place in found
    ]


def outcome(given: Object, place: str) -> Object:
    """What becomes of the mails to an address that are sent from now on."""
    status = one_of(given, "status", STATUSES, place, "delivered")
    return {
        "email": text(given, "email", place),
        "status": status,
        "reason": text(given, "reason", place, ENDS.get(status, "")),
    }


def day(given: Object, place: str, now: datetime) -> Object:
    """One day's figures; what was delivered follows from what was asked for and what failed, where it is not said."""
    said = {name: int(number(given, name, place, 0, most=MOST_MAILS)) for name in METRICS if name in given}
    dropped = sum(said.get(name, 0) for name in DROPPED)
    processed = said.get("processed", max(said.get("requests", 0) - dropped, 0))
    delivered = max(processed - sum(said.get(name, 0) for name in FAILED), 0)
    usual = {**dict.fromkeys(METRICS, 0), "processed": processed, "delivered": delivered}
    return {**usual, **said, "date": f"{time(given, 'date', now, place, '-1d'):%Y-%m-%d}"}
