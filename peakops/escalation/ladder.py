"""The matrix of one incident as a table: each tier, who of it is there now, when it was told, and when it is next."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from peakops.contacts import Book, Contact, Tier
from peakops.escalation.matrix import CONFIRM, Due, chosen, starts
from peakops.escalation.standing import DONE, moment
from peakops.ledger import Event, Incident


def picture(incident: Incident, events: Sequence[Event], what: Due, book: Book, now: datetime) -> dict[str, Any]:
    """An incident with its ladder, for scripts and for a page."""
    stands = what.stands
    times = dict(starts(book.tiers, stands.opened_at))
    acked = [each for each in events if each.kind == "acked" and each.at.timestamp() <= now.timestamp()]
    return {
        **{"incident": incident.number, "severity": stands.severity, "opened_at": stands.opened_at},
        **{"over_at": stands.over_at, "quiet_until": stands.quiet_until, "component": stands.component},
        "acked_at": stands.acked_at,
        "acked_by": acked[-1].operator if stands.acked_at and acked else None,
        "next": None if what.next is None else {"tier": what.next[0], "at": what.next[1]},
        "due": [each.tier for each in what.pages],
        "unconfirmed": list(what.unconfirmed),
        "tiers": [
            {**step(each, book, now, component=stands.component), "starts_at": times[each.n], **_told(each, events)}
            for each in book.tiers
        ],
    }


def step(tier: Tier, book: Book, now: datetime, *, component: str = "") -> dict[str, Any]:
    """A tier, and whom a page would reach at this moment."""
    named = tuple(book.contact(each) for each in tier.contacts)
    if tier.mode == CONFIRM:
        ids = chosen(tier, book, component) if component else ()
        reached = tuple(each for each in named if each.id in ids)
    else:
        reached = book.reached(tier, now)
    return {
        **{"tier": tier.n, "name": tier.name, "after_seconds": tier.after, "severity": tier.severity},
        **{"mode": tier.mode, "unless": tier.unless},
        "contacts": [_contact(each, now) for each in named],
        "reached": [each.id for each in reached],
    }


def _contact(contact: Contact, now: datetime) -> dict[str, Any]:
    return {
        **{"id": contact.id, "role": contact.role, "there": contact.there(now)},
        **{"local": contact.local(now).isoformat(timespec="minutes"), "zone": contact.zone},
        "deputy": contact.deputy or None,
    }


def _told(tier: Tier, events: Sequence[Event]) -> dict[str, Any]:
    """The last page to a tier, and what became of it."""
    pages = [each for each in events if each.kind == "paged" and each.detail.get("tier") == tier.n]
    told = [each for each in pages if each.detail.get("outcome") in DONE]
    last = max(told or pages, key=lambda each: moment(each.at) or each.at, default=None)
    kept = ("contact", "channel", "attempt", "outcome")
    page = {"at": last.at, **{key: last.detail.get(key) for key in kept}} if last else None
    return {"told_at": last.at if last and told else None, "last_page": page}
