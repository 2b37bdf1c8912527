"""Answers a vendor's request in the present world: the faults first, then the vendor, and a note of every request."""

import sys
import time
import traceback
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from peakops.sandbox import database_faults, faults, kept
from peakops.sandbox.stage import Stage
from peakops.sandbox.wire import Answer, Request, Vendor

if TYPE_CHECKING:
    import psycopg

READING = ("GET", "HEAD", "OPTIONS")
UNKNOWN_ROUTE = "Sandbox-Unknown-Route"
"""A header by which a vendor may tell us that it has no such route; it is not sent on."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request to a vendor, as it came in."""

    vendor: str
    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Outcome:
    """What the caller gets: an answer, or a connection that ends, in order or with a reset."""

    answer: Answer | None
    reset: bool = False


DROPPED = Outcome(None)


def play(stage: Stage, call: Call) -> Outcome:
    """Answer the call. It sleeps outside of the lock; a world that was replaced meanwhile is not touched."""
    with stage.lock:
        generation = stage.generation
        fault = faults.find(stage.world.faults, call.vendor, call.method, call.path)
        if fault is not None:
            fault.count()
            if fault.times is not None:
                kept.keep_world(stage.home, generation, stage.world)
    entry = fault.entry if fault else {}
    time.sleep(entry.get("delay_s", 0))
    with stage.lock:
        if stage.generation != generation:
            return DROPPED
        outcome = struck(stage, call, entry)
        note(stage, call, outcome, entry)
    return outcome


def struck(stage: Stage, call: Call, entry: dict[str, Any]) -> Outcome:
    """The outcome with the fault that strikes, if one does."""
    vendor = stage.find(call.vendor)
    if entry.get("reset"):
        return Outcome(None, reset=True)
    if "body" in entry:
        return Outcome(raw(entry["body"], entry.get("status", 200)))
    if "status" in entry or "error" in entry:
        return Outcome(refused(vendor, entry))
    answer = handled(stage, call, vendor)
    return DROPPED if entry.get("after_effect") == faults.DROP else Outcome(answer)


def refused(vendor: Vendor | None, entry: dict[str, Any]) -> Answer:
    """The vendor's refusal; a status of 0 lets the vendor take the usual one for the error."""
    status, error, retry_after = entry.get("status", 0), entry.get("error", ""), entry.get("retry_after")
    if vendor is not None:
        return vendor.refuse(status, error, retry_after)
    headers = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
    return Answer(status=status or 500, body={"error": {"message": error}}, headers=headers)


def raw(body: str, status: int) -> Answer:
    """A body that is sent as it stands."""
    kind = "text/html" if body.lstrip().startswith("<") else "text/plain"
    return Answer(status=status, body=body.encode(), headers={"Content-Type": f"{kind}; charset=utf-8"})


def handled(stage: Stage, call: Call, vendor: Vendor | None) -> Answer:
    """The vendor's answer; a change that it makes is on disk before it is told."""
    if vendor is None:
        return Answer(status=404, body={"error": {"message": f"The sandbox does not play {call.vendor}."}})
    request = Request(
        method=call.method,
        path=call.path,
        query=call.query,
        headers=call.headers,
        body=call.body,
        now=stage.world.time,
        database=lambda: opened(stage),
    )
    state = stage.world.vendors.setdefault(call.vendor, {})
    try:
        return vendor.handle(state, request)
    except Exception:  # noqa: BLE001 - a vendor that fails must answer, as the real one would, and be seen in the log
        traceback.print_exc(file=sys.stderr)
        return Answer(status=500, body={"error": {"message": f"The sandbox's {call.vendor} failed; see its log."}})
    finally:
        if call.method not in READING:
            kept.keep_vendor(stage.home, stage.generation, stage.world, call.vendor)


def opened(stage: Stage) -> "psycopg.Connection[tuple[Any, ...]]":
    """The world's database as its owner. Raises psycopg.OperationalError where the world's database is down."""
    import psycopg

    if database_faults.named(stage.world.database_faults, "down"):
        raise psycopg.OperationalError("connection refused: the world's database is down")
    return stage.cluster.connect(stage.database)


def note(stage: Stage, call: Call, outcome: Outcome, entry: dict[str, Any]) -> None:
    """Note the request, and apart from the others one that the vendor does not know."""
    vendor = stage.find(call.vendor)
    record = {
        "at": datetime.now(UTC).isoformat(),
        "vendor": call.vendor,
        "method": call.method,
        "path": call.path,
        "query": [list(pair) for pair in call.query],
        "status": outcome.answer.status if outcome.answer else None,
        "fault": entry or None,
    }
    stage.requests.append(record)
    told = outcome.answer is not None and UNKNOWN_ROUTE in outcome.answer.headers
    if told or vendor is None or not faults.known(vendor, call.method, call.path):
        stage.unknown.append(record)
