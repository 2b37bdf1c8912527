"""The text of a page: by its making there is nothing personal in it, wherever it is read."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from peakops.escalation.matrix import Page
from peakops.escalation.standing import Standing
from peakops.model import placed

if TYPE_CHECKING:
    from peakops.contacts import Book
    from peakops.ledger import Incident

ID = re.compile(
    r"[A-Z]{2,8}-\d[A-Z0-9-]{0,30}|(?:pi|ch|py|evt|in|re|du|cus|sub)_[A-Za-z0-9]{6,64}|1Z[A-Z0-9]{16}"
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)
"""What may be told of a subject: the number of an invoice, a case or an order, Stripe's ids, UPS's numbers, a UUID."""
PERSON = "user:"
A_PERSON = "a user"


@dataclass(frozen=True, kw_only=True)
class Words:
    """A page as it is sent."""

    title: str
    """One line; the subject of an e-mail."""
    text: str
    fields: Mapping[str, Any]
    """The same for machines: what a webhook takes."""


def subject_told(subject: str) -> str:
    """What may be told of a subject: an id as it is, a person as one; nothing of free text."""
    if subject.startswith(PERSON):
        return A_PERSON
    return subject if ID.fullmatch(subject) else ""


def words(
    incident: "Incident", stands: Standing, page: Page, book: "Book", now: datetime, *, place: int, environment: str
) -> Words:
    """
    The page for a tier; a vendor's is a request for support, and names no command of ours.

    `place` is which attempt of the round it is: one that is not the first says so.
    """
    fields = {
        "incident": incident.number,
        "severity": "critical" if stands.severity == "critical" else "warning",
        "subject": subject_told(incident.subject),
        "component": _component(stands, book),
        "tier": page.tier,
        "tier_name": next(each.name for each in book.tiers if each.n == page.tier),
        "since": stands.opened_at.isoformat(),
        "missed": list(page.missed),
        "again": page.round > 0,
        "second_attempt": place > 1,
    }
    since = f"{stands.opened_at:%Y-%m-%d %H:%M} UTC", lasting((now - stands.opened_at).total_seconds())
    ack = placed(f"peakops incident ack {incident.number}", environment, "")
    made = _for_vendor(fields, *since) if page.component else _for_people(fields, *since, ack)
    title, *lines = [f"{_nth(place)}{made[0]}", *made[1:]]
    text = "\n".join([f"{title}.", *lines])
    return Words(title=title, text=text, fields={**fields, "text": text})


def _for_people(fields: Mapping[str, Any], since: str, passed: str, ack: str) -> list[str]:
    """The title, and the lines of a page."""
    about = [f"About: {fields['subject']}."] if fields["subject"] else []
    part = [f"Component: {fields['component']}."] if fields["component"] else []
    again = ["Again: nobody has it any more."] if fields["again"] else []
    return [
        f"{fields['incident']} {fields['severity']}: tier {fields['tier']} ({fields['tier_name']})",
        f"Open since {since} ({passed}), not resolved.",
        *(*about, *part, *again, *_missed(fields["missed"]), *_doubt(fields)),
        f"Next: {ack}",
    ]


def _for_vendor(fields: Mapping[str, Any], since: str, passed: str) -> list[str]:
    part = fields["component"]
    return [
        f"Support needed with {part}: reference {fields['incident']}, {fields['severity']}",
        f"It began at {since} ({passed} ago), and our engineers have confirmed that it concerns {part}.",
        *_doubt(fields),
        "Please answer to this message.",
    ]


def _nth(place: int) -> str:
    """What stands before the title of a page that is sent again."""
    return "" if place == 1 else "Second attempt: " if place == 2 else f"Attempt {place}: "


def lasting(seconds: float) -> str:
    """A time as it is said: 45 s, 15 min, 2 h 5 min, 3 d 4 h."""
    minutes, rest = divmod(int(seconds), 60)
    hours, left = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    if days:
        return f"{days} d {hour} h"
    if hours:
        return f"{hours} h {left} min"
    return f"{minutes} min" if minutes else f"{rest} s"


def _component(stands: Standing, book: "Book") -> str:
    """The component that was confirmed, if it is one of the file's: free text is not told."""
    known = {part for each in book.people for part in each.components}
    return stands.component if stands.component in known else ""


def _missed(missed: Sequence[int]) -> list[str]:
    if not missed:
        return []
    named = " and ".join(map(str, missed))
    return [f"Missed: tier {named} was not told." if len(missed) == 1 else f"Missed: tiers {named} were not told."]


def _doubt(fields: Mapping[str, Any]) -> list[str]:
    """Of a second attempt: whether the first arrived is not known."""
    return ["It may have reached you before: the first attempt was not finished."] if fields["second_attempt"] else []
