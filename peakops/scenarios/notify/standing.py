"""Where a person's newest notifications stand: the portal's rows, the mail at the provider, what was refused. Pure."""

import re
from collections.abc import Mapping
from datetime import timedelta

from peakops import playbook
from peakops.model import Fault
from peakops.playbook.codes import code_row
from peakops.scenario import Facts, Missing, Row
from peakops.scenarios import mails
from peakops.scenarios.notify.looks import HEARD_LATE, LOG_LAG, LOST, SKEW, looked_up
from peakops.scenarios.words import day

CHANNELS = {"email": "by e-mail", "in_app": "in the portal"}
"""The ways on which the portal notifies, and how each is told."""
ARRIVED = (*mails.ARRIVED, "complained")
"""What a provider says of a mail that arrived: whoever complained had it."""
RETURNED = ("bounced", "blocked")
"""Likewise of one that the receiving server did not take."""
DROPPED = ("dropped", "failed", "suppressed", "canceled")
"""Likewise of one that the provider itself did not send on."""
UNDER_WAY = ("deferred", "delivery_delayed", "processed", "queued", "scheduled", "sent")
"""Likewise of one whose fate is open."""
GRACE = timedelta(minutes=5)
"""A notification that is younger may still be on its way: a queue is worked off within a minute or two."""
DAY = timedelta(hours=24)
"""After so long a daily limit that was reached is over, whether it counts days or the last 24 hours."""
ESSENTIAL = ("messages", "suppressions")
"""The looks at the provider whose refusal is itself the answer; the others only add to one."""
TOLD = ("key", "scope", "quota", "down", "domain", "address", "returned", "suppressed")
"""Kinds of codes that have rows of their own; the others are a failure to send, and no more is known of it."""
REFUSALS = {"auth": "key", "permission": "scope", "rate_limit": "rate"}
"""The kind of a refusal to us whose code is not in the table; what is of none of these categories is silence."""
NAMED = {"email": "e-mail", "in_app": "in-app"}
CUT = "Only "
"""How a note begins that says a provider's list was not read to its end."""


def instead(name: str) -> Mapping[str, str]:
    """Words of the playbook that take the place of a row's own."""
    found: Mapping[str, str] = playbook.words("notify")["instead"][name]
    return found


def profile(facts: Facts) -> Row | None:
    """The person's profile in the portal: who has none is never notified."""
    return next(iter(facts["preferences"]), None)


def asked(facts: Facts, what: str) -> str | None:
    """The type, channel or notification that was asked about, or those of the named one; None where all are."""
    row = profile(facts)
    if row is None:
        return None
    named = facts["notifications"] if row["asked_notification"] and what != "notification" else []
    said: str | None = named[0][what] if named else row[f"asked_{what}"]
    return said


def wanted(facts: Facts) -> tuple[str, ...]:
    """The channels that are judged."""
    channel = asked(facts, "channel")
    return (channel,) if channel else tuple(CHANNELS)


def newest(facts: Facts, channel: str) -> Row | None:
    """The newest notification on a channel, where that one is judged."""
    rows = facts["notifications"] if channel in wanted(facts) else []
    return next((each for each in rows if each["channel"] == channel), None)


def configured(facts: Facts) -> str | None:
    """The provider in use; None where none is configured."""
    row = facts["provider"]
    return str(row["provider"]) if row else None


def nobody_asked(facts: Facts) -> str:
    """Why no provider was asked, as a sentence; empty where one was."""
    return "" if configured(facts) else " ".join(facts.notes("provider")) or "No e-mail provider is configured."


def message(facts: Facts) -> Row | None:
    """
    The newest e-mail notification as the provider knows it; None where it knows none. Raises Missing.

    Without an id it is a mail to the address within minutes of the notification that is not another one's by its id.
    Of several it is the first that did not arrive: that one of them did says nothing of this one.
    """
    row = newest(facts, "email")
    if row is None or not looked_up(row):
        return None
    found = facts["messages"]
    if row["provider_message_id"]:
        return next(iter(found), None)
    fits = [each for each in reversed(found) if _of_then(each, row) and not _of_another(row, each)]
    return next((each for each in fits if each["status"] not in ARRIVED), next(iter(fits), None))


def heard(facts: Facts) -> Row | None:
    """The same, and None also where the provider was silent."""
    return message(facts) if facts.known("messages") else None


def _of_then(seen: Row, row: Row) -> bool:
    return bool(seen["at"] and row["created_at"] - SKEW <= seen["at"] <= row["created_at"] + HEARD_LATE)


def _of_another(row: Row, seen: Row) -> bool:
    """Whether a mail is that of another notification, by the id that the portal has of it."""
    return any(seen["id"].startswith(id) for id in row["others"])


def called(row: Row) -> str:
    """A notification in a sentence: e-mail notification 'invoice' of 20 Nov 2026 13:05 UTC."""
    return f"{NAMED[row['channel']]} notification '{row['type']}' of {day(row['created_at'])}"


def read(row: Row | None) -> bool:
    """Whether the portal knows that a notification was read."""
    return bool(row and (row["read_at"] or row["status"] == "read"))


def arrived(facts: Facts) -> bool:
    """Whether the newest mail is known to have arrived; False also where the provider was silent."""
    row = newest(facts, "email")
    if row is None or read(row):
        return row is not None
    seen = heard(facts)
    return bool(seen and seen["status"] in ARRIVED)


def elsewhere(facts: Facts) -> Row | None:
    """The newest mail, where it went to another address than the person has now."""
    row = newest(facts, "email")
    seen = heard(facts)
    if row is None or seen is None or not seen["to"]:
        return None
    return seen if seen["to"].strip().lower() != row["address"].strip().lower() else None


def held(facts: Facts, *kinds: str) -> list[Row]:
    """The provider's entries about the address of these kinds. Raises Missing where they could not be read."""
    return [each for each in facts["suppressions"] if each["kind"] in kinds] if "email" in wanted(facts) else []


def block(facts: Facts) -> Row | None:
    """A note of SendGrid's that a server refused one mail to the address, since the newest notification."""
    row = newest(facts, "email")
    blocks = held(facts, mails.OF_ONE_MAIL) if row and facts.known("suppressions") else []
    return next((each for each in blocks if each["created"] and row and each["created"] >= row["created_at"]), None)


def young(facts: Facts, row: Row) -> bool:
    """Whether a notification is so young that nothing can be said of it yet."""
    now = facts.at("notifications")
    return bool(now and now - row["created_at"] < GRACE)


def unshown(facts: Facts, row: Row) -> bool:
    """Whether a notification is so young that the provider need not show its mail yet."""
    now = facts.at("notifications")
    return bool(now and now - row["created_at"] < LOG_LAG)


def settled(facts: Facts) -> bool:
    """Whether the provider took the newest mail and told its end, good or bad: then it was not down, for this one."""
    seen = heard(facts)
    return arrived(facts) or bool(seen and seen["status"] in (*RETURNED, *DROPPED))


def sent_by_another(facts: Facts, row: Row) -> str | None:
    """The provider that sent a notification, where another one is in use now: that one knows nothing of it."""
    used = configured(facts)
    return str(row["provider"]) if used and row["provider"] and row["provider"] != used else None


def stored(facts: Facts) -> str | None:
    """The code with which the portal's attempt to send the newest mail ended; None where it did not fail."""
    row = newest(facts, "email")
    if row is None or row["status"] != "failed" or arrived(facts):
        return None
    code: str = row["enhanced_code"] or row["error_code"] or "other"
    return code


def kind(code: str) -> str:
    """Whose matter a code is, as email.toml has it; a bare status of HTTP's, or of SMTP's, by what it begins with."""
    if code in LOST:
        return "lost"
    if known := code_row("email", code):
        return known["kind"]
    if re.fullmatch(r"[45]\.\d+\.\d+", code):
        return "address" if code.startswith("5.1.") else "returned"
    return "other"


def refused(facts: Facts, *kinds: str) -> str | None:
    """The stored code, where it is of one of these kinds."""
    code = stored(facts)
    return code if code and kind(code) in kinds else None


def disowned(facts: Facts) -> str | None:
    """The code with which the receiving server refused the mail since it cannot prove whose it is; None for others."""
    seen = heard(facts)
    if seen is None or seen["status"] not in RETURNED:
        return None
    codes = re.findall(r"\b[45]\.\d{1,3}\.\d{1,3}\b", seen["reason"] or "")
    return next((each for each in codes if kind(each) == "domain"), None)


def told(code: str) -> str:
    """With what the portal's attempt ended, as a sentence."""
    if code == "other":
        return "The portal stored words instead of a code, which are not read: they may name a patient."
    means = code_row("email", code).get("means", "").rstrip(".")
    return f"The portal's attempt to send it ended with {code}{f': {means}' if means else ''}."


def met(facts: Facts, *kinds: str) -> Fault | None:
    """The first refusal of the provider to our own looks that is of one of these kinds; None for silence."""
    faults = (facts.fault(look) for look in ESSENTIAL)
    return next((fault for fault in faults if fault and _blamed(fault) in kinds), None)


def _blamed(fault: Fault) -> str:
    """The kind of a refusal; empty for silence, which says nothing of the provider."""
    source, _, code = fault.code.partition(".")
    if source != "email" or fault.category not in REFUSALS:
        return "down" if fault.code == "email.failed" else ""
    return code_row("email", code).get("kind") or REFUSALS[fault.category]


def listed_whole(facts: Facts) -> bool:
    """Whether the provider's list of mails was read to its end."""
    return not any(note.startswith(CUT) for note in facts.notes("messages"))


def mail_needed(facts: Facts) -> None:
    """Raises Missing where a mail is judged and what the provider has of it, or of the address, could not be read."""
    row = newest(facts, "email")
    if row is None or not configured(facts):
        return
    for look in ESSENTIAL:
        if not facts.known(look) and (look != "messages" or (looked_up(row) and not read(row))):
            raise Missing(f"{look}: {fault.message if (fault := facts.fault(look)) else 'not asked'}")
