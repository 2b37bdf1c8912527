"""An incident, its events, and how each event is chained to the one before."""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, NamedTuple

FIRST = "0" * 64
"""What the first event's `prev` says."""
ENDS = ("resolved", "closed")
"""The kinds of event that end an incident."""
LOCAL = "INC-L-"
"""How the number of an incident begins that was opened while nothing could be written."""
REF = "ref"
"""The key of an event's detail that tells it from every other, so that it is never written twice."""


@dataclass(frozen=True, kw_only=True)
class Incident:
    """What happened to whom: `id` is a UUID, or the number where only that is known since the database is silent."""

    id: str
    number: str
    subject: str
    severity: str
    opened_at: datetime
    opened_by: str
    local: bool = False
    """Whether it is on this machine alone, until it can be merged."""

    @property
    def begun_here(self) -> bool:
        """Whether it was opened while nothing could be written; one of which only such a number is known was not."""
        return self.number.startswith(LOCAL) and self.id != self.number


@dataclass(frozen=True, kw_only=True)
class Event:
    """One line of the time line. `at` is when it happened, `recorded_at` when it was written down."""

    seq: int
    at: datetime
    recorded_at: datetime
    operator: str
    kind: str
    says: str
    detail: dict[str, Any]
    prev: str
    hash: str
    local: bool = False
    """Whether it is on this machine alone, until it can be merged."""


class Breach(NamedTuple):
    """What is wrong with a chain, by the number of the event."""

    seq: int
    what: str
    """changed, removed (before this one), or repeated."""
    says: str


def plain(value: Any) -> Any:
    """A detail as jsonb gives it back: only what JSON has, and whole numbers as such."""
    told = json.loads(json.dumps(value, default=_text, allow_nan=False))
    return _whole(told)


def sealed(incident: str, before: tuple[int, str], told: dict[str, Any]) -> Event:
    """The event that follows a place in the chain of an incident; `before` is the last event's number and hash."""
    seq, prev = before[0] + 1, before[1]
    event = Event(**{**told, "seq": seq, "prev": prev, "hash": "", "at": told["at"].astimezone(UTC)})
    return replace(event, hash=hash_of(incident, event))


def hash_of(incident: str, event: Event) -> str:
    """SHA-256 over what an event says and where it stands; when it was recorded may differ from copy to copy."""
    fields = {
        "incident": incident,
        "seq": event.seq,
        "at": event.at.astimezone(UTC).isoformat(),
        "kind": event.kind,
        "says": event.says,
        "detail": event.detail,
        "operator": event.operator,
        "prev": event.prev,
    }
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()


def breaches(incident: str, events: list[Event]) -> list[Breach]:
    """
    What is wrong with the chain of an incident. A cut at the end shows in no chain.

    Events that are kept on this machine begin a chain of their own, since they are chained again when they are merged.
    """
    found = [
        Breach(each.seq, "changed", "It is not as it was written.")
        for each in events
        if each.hash != hash_of(incident, each)
    ]
    for part in (sorted((each for each in events if each.local is kept), key=_seq) for kept in (False, True)):
        start = replace(part[0], seq=0, hash=FIRST) if part else None
        for before, here in pairwise([start, *part] if start else []):
            if here.seq == before.seq:
                found.append(Breach(here.seq, "repeated", "It stands in the time line twice."))
            elif here.seq != before.seq + 1:
                missing = f"{before.seq + 1}" if here.seq == before.seq + 2 else f"{before.seq + 1} to {here.seq - 1}"
                found.append(Breach(here.seq, "removed", f"Before it {missing} is missing."))
            elif here.prev != before.hash:
                found.append(Breach(here.seq, "removed", "The event after which it was written is not there."))
    return sorted(found)


def is_open(events: list[Event]) -> bool:
    """Whether an incident has not ended."""
    return not any(each.kind in ENDS for each in events)


def _seq(event: Event) -> int:
    return event.seq


def _text(value: Any) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)


def _whole(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _whole(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_whole(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
