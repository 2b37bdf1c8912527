"""The deliveries of a stretch of time that went wrong, a line each. Pure."""

from collections.abc import Sequence
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


def in_all(facts: Facts, gap: str, lines: Sequence[Row]) -> int:
    """How many events of the time have this gap: the lines of it, and those that were too many to be read."""
    rows = facts["unfinished"] if facts.known("unfinished") else []
    counted: int = rows[0].get(f"all_{gap}", 0) if rows else 0
    return max(len(lines), counted) if counted > sum(_kind(row) == gap for row in rows) else len(lines)


def _kind(row: Row) -> str:
    return "failed" if row["status"] == "failed" else "unprocessed"


def data(facts: Facts) -> Row:
    """The lines, and how many there are of each kind, with those that were too many to be read."""
    lines = troubled(facts)
    kinds = {kind: in_all(facts, kind, [line for line in lines if line["gap"] == kind]) for kind in GAPS}
    made = len(facts["events"]) if facts.known("events") else None
    # Of the lines alone, since --limit can list no others.
    return {"items": lines, "total": len(lines), "counts": {"made": made, **kinds}}
