"""The deliveries of a stretch of time that went wrong, a line each. Pure."""

from collections import Counter
from typing import Any

from peakops.scenario import Facts, Row
from peakops.scenarios.payment.events_line import Sides, line_of

GAPS = ("undelivered", "not_received", "failed", "unprocessed")
"""What can be wrong with a delivery, as far as its own life goes; `late` is no gap here."""


def troubled(facts: Facts) -> list[dict[str, Any]]:
    """The events that were not delivered, not received, failed or not processed, newest first, as in a time line."""
    sent = {row["id"]: row for row in facts["events"]} if facts.known("events") else {}
    log = {row["event_id"]: row for name in ("received", "unfinished") if facts.known(name) for row in facts[name]}
    sides = Sides(logged=facts.known("received"), endpoints=facts["endpoints"] if facts.known("endpoints") else None)
    lines = [line_of(each, sent.get(each), log.get(each), sides) for each in {**sent, **log}]
    return sorted((line for line in lines if line["gap"] in GAPS), key=lambda line: line["at"], reverse=True)


def data(facts: Facts) -> Row:
    """The lines, and how many there are of each kind."""
    lines = troubled(facts)
    kinds = Counter(line["gap"] for line in lines)
    unread = _unread(facts["unfinished"]) if facts.known("unfinished") else 0
    made = len(facts["events"]) if facts.known("events") else None
    counts = {"made": made, **{kind: kinds[kind] for kind in GAPS}}
    return {"items": lines, "total": len(lines) + unread, "counts": counts}


def _unread(rows: list[Row]) -> int:
    return rows[0]["total"] - len(rows) if rows else 0
