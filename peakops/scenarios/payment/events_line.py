"""The time line of a payment's events: what Stripe made beside what the portal has of it, and the gaps. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peakops.scenario import Facts, Row
from peakops.scenarios.payment.money import hanging
from peakops.scenarios.payment.webhook import TELLING, logged

GRACE_S = 300
"""How old an event is before its absence, or its rest unprocessed, means anything: delivery takes seconds."""
LATE_S = 600
"""A delivery, or the work on it, that took longer than ten minutes was a second try at least."""
LOGS = ("webhooks", "webhooks_of_charges")
"""The looks at the portal's log."""
KEPT_S = 30 * 86400
"""Stripe keeps its events for 30 days."""
ASKED = 12
"""Of the portal's newest events, how many Stripe is asked for by their ids, one request each."""
WIDTH = 31
"""Of the longest type that tells of a payment."""


def asked_for(rows: Sequence[Row]) -> list[str]:
    """The portal's newest events that Stripe must still have: it is asked for them by their ids."""
    young = [row["event_id"] for row in rows if row["age_s"] < KEPT_S and row["event_id"].startswith("evt_")]
    return young[:ASKED]


@dataclass(frozen=True, kw_only=True)
class Sides:
    """What is known besides an event itself: whether the portal's log was read, and which endpoints there are."""

    logged: bool
    endpoints: Sequence[Row] | None


def timeline(facts: Facts) -> list[dict[str, Any]]:
    """
    A line an event, oldest first; `gap` says what is wrong with it, and is None where nothing is.

    Where the log was too long, what is older than its read part is left out, and `read_since` says since when.
    Times are UTC; `stripe` and `portal` are None where that side could not be read.
    """
    log, sent = {row["event_id"]: row for row in logged(facts)}, sent_by(facts)
    since = read_since(facts)
    unread = {each for each, event in sent.items() if since and each not in log and event["created"] < since}
    asked = {each for name in LOGS if facts.known(name, "these_events") for each in asked_for(facts[name])}
    ids = [each for each in {**sent, **log} if each not in unread]
    sides = Sides(logged=facts.known(*LOGS), endpoints=facts["endpoints"] if facts.known("endpoints") else None)
    lines = [line_of(each, sent.get(each), log.get(each), sides, gone=each in asked) for each in ids]
    lines += [_untold(each, facts) for each in untold(facts) if not since or each["created"] >= since]
    return sorted(lines, key=lambda line: (line["at"], line["event"] or ""))


def sent_by(facts: Facts) -> dict[str, Row]:
    """Stripe's events by their ids, whichever look brought them."""
    names = [name for name in ("events", "these_events") if facts.known(name)]
    return {row["id"]: row for name in names for row in facts[name]}


def untold(facts: Facts) -> list[Row]:
    """The charges, captured or declined, of which neither side has an event though the portal was to be told."""
    if not facts.known(*LOGS, "events", "endpoints", "charges"):
        return []
    known = {each for row in logged(facts) for each in (row["object_id"],)}
    known |= {row["data_object_id"] for row in sent_by(facts).values()}
    due = [each for each in hanging(facts, "charges") if wanted(_telling_type(each), facts["endpoints"])]
    return [
        each for each in due if known.isdisjoint({each["id"], each["payment_intent"]}) and age(facts, each) > GRACE_S
    ]


def _telling_type(charge: Row) -> str:
    return "charge.failed" if charge["status"] == "failed" else "payment_intent.succeeded"


def age(facts: Facts, charge: Row) -> int:
    """How old a charge was, in seconds, when the portal's log was read."""
    now = facts.at("webhooks")
    return int((now - charge["created"]).total_seconds()) if now else KEPT_S


def _untold(charge: Row, facts: Facts) -> dict[str, Any]:
    line = dict.fromkeys(FIELDS)
    line |= {"at": charge["created"], "event_type": _telling_type(charge), "object": charge["id"]}
    line |= {"stripe": "forgotten" if age(facts, charge) >= KEPT_S else "absent", "portal": "none", "gap": "no_event"}
    return {**line, "says": _says(line, "no_event", "")}


def read_since(facts: Facts) -> datetime | None:
    """
    Since when the portal's log was read in whole; None where all of it was.

    The processed events that tell of money are read first, whatever their age.
    """
    cut = [facts[name] for name in LOGS if facts.known(name) and _is_cut(facts[name])]
    rest = [[row["created_at"] for row in rows if not _leads(row)] for rows in cut]
    newest = [max(row["created_at"] for row in rows) for rows in cut]
    return max((min(each, default=last) for each, last in zip(rest, newest, strict=True)), default=None)


def _is_cut(rows: Sequence[Row]) -> bool:
    return bool(rows) and rows[0]["total"] > len(rows)


def _leads(row: Row) -> bool:
    return row["status"] == "processed" and row["event_type"] in TELLING


def crowded(facts: Facts) -> bool:
    """Whether the processed events that tell of money are so many that not even they were all read."""
    return any(_is_cut(facts[name]) and all(map(_leads, facts[name])) for name in LOGS if facts.known(name))


def line_of(event: str, sent: Row | None, row: Row | None, sides: Sides, *, gone: bool = False) -> dict[str, Any]:
    """The line of one event: of Stripe's, of the portal's row, or of both; `gone` if Stripe denies having it."""
    made = (sent["created"] if sent else None) or (row["made_at"] if row else None)
    received = row["created_at"] if row else None
    at = made or received
    line = {
        "at": at,
        "event": event,
        "event_type": sent["type"] if sent else row["event_type"] if row else None,
        "object": (sent["data_object_id"] if sent else None) or (row["object_id"] if row else None),
        "stripe": _at_stripe(sent, row, gone=gone),
        "portal": str(row["status"]) if row else "none" if sides.logged else None,
        "pending_webhooks": sent["pending_webhooks"] if sent else None,
        "received_at": received,
        "received_after_s": _seconds(made, received),
        "processed_at": row["processed_at"] if row else None,
        "processed_after_s": _seconds(received, row["processed_at"] if row else None),
        "error": row["error"] if row else None,
    }
    gap = _gap(line, sent, row, sides)
    return {**line, "gap": gap, "says": _says(line, gap, _untroubled(line, sent, sides))}


def _at_stripe(sent: Row | None, row: Row | None, *, gone: bool) -> str | None:
    """Whether Stripe has an event; it is `gone` where Stripe was asked for it and did not bring it."""
    if sent:
        return "there"
    if row and row["age_s"] >= KEPT_S:
        return "forgotten"
    return "absent" if gone else None


def _gap(line: Row, sent: Row | None, row: Row | None, sides: Sides) -> str | None:
    """What is wrong with an event, the worst first."""
    if row is None:
        return _missing(sent, sides) if sent and line["portal"] else None
    if row["status"] == "failed":
        return "failed"
    if row["status"] != "processed":
        return "unprocessed" if row["age_s"] > GRACE_S else None
    if line["stripe"] == "absent":
        return "not_at_stripe"
    late = max(line["received_after_s"] or 0, line["processed_after_s"] or 0) > LATE_S
    return "late" if late else None


def _missing(sent: Row, sides: Sides) -> str | None:
    """Why the portal has no trace of an event; None where it needs none, or it is too early or not known."""
    if sent["age_s"] <= GRACE_S:
        return None
    if sent["pending_webhooks"]:
        return "undelivered"
    return "not_received" if sides.endpoints and wanted(sent["type"], sides.endpoints) else None


def wanted(event_type: str, endpoints: Sequence[Row]) -> bool:
    """Whether an endpoint, enabled or not, is to be told of events of this type."""
    return any({event_type, "*"} & set(each["enabled_events"] or ()) for each in endpoints)


def _seconds(start: datetime | None, end: datetime | None) -> int | None:
    return max(0, int((end - start).total_seconds())) if start and end else None


FIELDS = (
    *("at", "event", "event_type", "object", "gap", "stripe", "portal", "pending_webhooks"),
    *("received_at", "received_after_s", "processed_at", "processed_after_s", "error"),
)
"""Of a line, besides `says`."""
SAYS = {
    "no_event": "neither side has an event of this charge",
    "failed": "the portal failed on it: {error}",
    "unprocessed": "received after {received_after_s} s, and not processed",
    "not_at_stripe": "{portal} by the portal, but Stripe has no such event",
    "late": "received after {received_after_s} s, processed after {processed_after_s} s more",
    "undelivered": "no trace in the portal: it still waits at {pending_webhooks} endpoint(s)",
    "not_received": "no trace in the portal, though every endpoint acknowledged it",
}


def _untroubled(line: Row, sent: Row | None, sides: Sides) -> str:
    """What became of an event that is no gap."""
    if line["portal"] is None:
        return "made by Stripe; the portal's log could not be read"
    if line["portal"] != "none":
        after = line["received_after_s"]
        return f"{line['portal']} by the portal" + (f" after {after} s" if after is not None else "")
    if sent and sent["age_s"] <= GRACE_S:
        return "not in the portal yet; it may be on its way"
    if sides.endpoints is not None and not wanted(line["event_type"], sides.endpoints):
        return "not in the portal: no endpoint takes its type"
    return "not in the portal"


def _says(line: Row, gap: str | None, untroubled: str) -> str:
    known = {key: "an unknown number of" if value is None else value for key, value in line.items()}
    what = SAYS[gap].format(**known) if gap else untroubled
    forgotten = "; older than Stripe keeps events" if line["stripe"] == "forgotten" else ""
    when, kind = f"{line['at']:%Y-%m-%d %H:%M:%S}Z", f"{line['event_type']!s:<{WIDTH}}"
    mark, event = "!" if gap else " ", line["event"] or "no event"
    return f"{mark} {when}  {kind}  {event}  {line['object'] or ''}  {what}{forgotten}"
