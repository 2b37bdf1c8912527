"""Where an incident stands, by its events: who has it, what was told to whom, what is overdue. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from peakops import playbook
from peakops.cli.incident import clocks
from peakops.cli.incident.shared import clock
from peakops.ledger import ENDS, Event, Incident, breaches
from peakops.model import Row
from peakops.scenarios.words import ago

if TYPE_CHECKING:
    from peakops.contacts import Book

LATE = timedelta(minutes=5)
"""How long after its time a page that was not sent is overdue: 'escalation tick' runs every minute or two."""


def stands(incident: Incident, events: Sequence[Event]) -> dict[str, Any]:
    """An incident's state, severity, and who has it, in the order of what happened."""
    state, acked = "open", None
    severity = next((each.detail.get("severity") for each in events if each.kind == "opened"), incident.severity)
    for each in sorted(events, key=lambda event: (event.at, event.local, event.seq)):
        if each.kind == "severity":
            severity = each.detail.get("severity", severity)
        elif each.kind == "acked":
            acked = each
        elif each.kind == "unacked":
            acked = None
        if each.kind in ENDS and state != "closed":
            state = each.kind
    if state == "open" and acked:
        state = "acked"
    return {
        "state": state,
        "severity": severity,
        "acked_by": acked.operator if acked else None,
        "acked_at": acked.at if acked else None,
    }


def escalation(events: Sequence[Event], book: "Book", now: datetime) -> dict[str, Any] | None:
    """Which tier is told next and when, and what should have been told by now; None of an incident not seen whole."""
    from peakops.escalation import due, starts

    if not any(each.kind == "opened" for each in events):
        return None
    found = due(events, book, now)
    times = dict(starts(book.tiers, found.stands.opened_at))
    untold = [
        told
        for page in found.pages
        for told in (*((each, times[each]) for each in page.missed), (page.tier, page.since))
    ]
    return {
        "next_tier": found.next[0] if found.next else None,
        "next_at": found.next[1] if found.next else None,
        "overdue": [{"tier": tier, "since": since} for tier, since in untold if now - since > LATE],
        "unconfirmed": list(found.unconfirmed),
    }


def picture(incident: Incident, events: Sequence[Event], book: "Book | None", now: datetime) -> dict[str, Any]:
    """All that is known of an incident at `now`, for scripts and for a page."""
    stood = stands(incident, events)
    if book and stood["state"] == "acked" and stood["acked_at"] + timedelta(seconds=book.rearm) <= now:
        # Nobody has said since then that they have it still: who is told goes on, and so does what is shown.
        stood["state"] = "open"
    last = max(events, key=lambda event: (event.at, event.local, event.seq), default=None)
    return {
        **vars(incident),
        **stood,
        "events": len(events),
        "last": {"at": last.at, "kind": last.kind, "says": last.says, "operator": last.operator} if last else None,
        "escalation": escalation(events, book, now) if book else None,
        "clocks": clocks.rows(events, now),
        "breaches": [each._asdict() for each in breaches(incident.id, list(events))],
    }


def is_critical(seen: Row) -> bool:
    """Whether somebody must look now: it is critical, or nobody was told in time, or its time line was changed."""
    overdue = bool(seen["escalation"] and seen["escalation"]["overdue"])
    return bool(seen["breaches"]) or (seen["state"] not in ENDS and (seen["severity"] == "critical" or overdue))


def lines(seen: Row, now: datetime) -> Iterator[str]:
    """A picture for people."""
    kept = "  on this machine alone" if seen["local"] else ""
    yield f"{seen['number']}  {seen['severity']}  {seen['subject'] or 'not seen'}  {seen['state']}{kept}"
    yield f"  opened {clock(seen['opened_at'])} by {seen['opened_by'] or 'somebody'}, {ago(seen['opened_at'], now)}"
    if seen["acked_by"] and seen["state"] not in ENDS:
        had = "has it since" if seen["state"] == "acked" else "had it, and has not said so again since"
        yield f"  {seen['acked_by']} {had} {clock(seen['acked_at'])}"
    if last := seen["last"]:
        yield f"  last     {clock(last['at'])}  {last['kind']}  {last['says']}"
    for each in (seen["escalation"] or {}).get("overdue", ()):
        yield f"  overdue  tier {each['tier']} should have been told at {clock(each['since'])}: peakops escalation tick"
    if (seen["escalation"] or {}).get("next_at"):
        yield f"  next     tier {seen['escalation']['next_tier']} at {clock(seen['escalation']['next_at'])}"
    for each in seen["clocks"]:
        yield f"  clock    {clocks.said(each, now)}"
    if seen["clocks"]:
        yield f"           {playbook.words('incident')['advice']}"
    for each in seen["breaches"]:
        yield f"  chain    event {each['seq']} {each['what']}: {each['says']}"
