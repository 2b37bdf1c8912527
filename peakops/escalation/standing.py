"""Where an incident stands: what its events say, whatever was or was not done in between."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from peakops.contacts import Book
    from peakops.ledger import Event

OVER = ("resolved", "closed")
SENT, BY_HAND = "sent", "by_hand"
DONE = (SENT, BY_HAND)
"""Outcomes of a page that is done: a channel has taken it, or it is a vendor's whom only a person can tell."""
TRIES = 10
"""How often one way is tried in a round, each time but the first marked: with its growing pauses 17 hours, a night."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """A page that went out."""

    tier: int
    round: int
    contact: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Standing:
    """An incident at one moment."""

    opened_at: datetime
    severity: str
    over_at: datetime | None = None
    acked_at: datetime | None = None
    """When it was acknowledged, where that holds still."""
    round: int = 0
    """How often an acknowledgement was taken back or ran out: each time the tier that stands is told again."""
    round_since: datetime | None = None
    """When the last of that was."""
    quiet_until: datetime | None = None
    confirmed_at: datetime | None = None
    component: str = ""
    """What a vendor is chosen by: the part that was confirmed as the cause."""
    told: tuple[Told, ...] = ()


def round_of(attempt: int) -> int:
    """The round that an attempt belongs to."""
    return (attempt - 1) // TRIES


def attempts_of(round: int) -> range:
    """The numbers of a round's attempts."""
    return range(TRIES * round + 1, TRIES * (round + 1) + 1)


def place_of(attempt: int) -> int:
    """Which attempt of its round it is: 1 for the first."""
    return (attempt - 1) % TRIES + 1


def standing(events: "Iterable[Event]", rearm: timedelta, now: datetime) -> Standing:
    """
    What the events make of an incident at `now`, in the order of their times.

    An event of the future has happened, by a machine's clock that is ahead: it counts as of now.
    An acknowledgement holds for `rearm`. Raises ValueError where no event opened the incident.
    """
    now = utc(now)
    every = sorted(events, key=lambda each: (utc(each.at), each.seq))
    past = [(min(utc(each.at), now), each) for each in every]
    opened = next(((at, each) for at, each in past if each.kind == "opened"), None)
    if opened is None:
        raise ValueError("an incident without the event that opened it")
    fields: dict[str, Any] = {"opened_at": opened[0], "severity": opened[1].detail.get("severity", "warning")}
    over = next((at for at, each in past if each.kind in OVER), None)
    for at, each in past:
        fields |= _said(each, at, fields["severity"])
    acked, round, since = _acknowledged([(each.kind, at) for at, each in past], rearm, now)
    pages = ((at, each) for at, each in past if each.kind == "paged")
    told = tuple(_told(each, at) for at, each in pages if each.detail.get("outcome") in DONE)
    return Standing(over_at=over, acked_at=acked, round=round, round_since=since, told=told, **fields)


def renamed(number: str, events: "Iterable[Event]", book: "Book") -> list[str]:
    """
    What was told under a tier's number when another tier had it, as warnings.

    A tier is known by its number: one that takes the number of one that was told is not told of this incident.
    """
    names = {each.n: each.name for each in book.tiers}
    pages = [each.detail for each in events if each.kind == "paged" and each.detail.get("outcome") in DONE]
    found = {
        (n, str(each["name"])): None for each in pages if each.get("name") and isinstance(n := each.get("tier"), int)
    }
    return [
        f"{number}: tier {n} was told as {name}, and is {names[n]} in contacts.toml by now, who is not told of it."
        for n, name in found
        if names.get(n, name) != name
    ]


def utc(at: datetime) -> datetime:
    """The same moment in UTC: times of one zone are added and compared by what its clock shows, which is put back."""
    return at.astimezone(UTC)


def _acknowledged(
    past: Sequence[tuple[str, datetime]], rearm: timedelta, now: datetime
) -> tuple[datetime | None, int, datetime | None]:
    """Since when somebody has it, if that holds; how often it was taken back or ran out, and when the last time."""
    acked: datetime | None = None
    since: datetime | None = None
    round = 0
    for kind, at in [*past, ("", now)]:
        if acked and (lapsed := acked + rearm) <= at:
            acked, round, since = None, round + 1, lapsed
        if kind == "unacked" and acked:
            acked, round, since = None, round + 1, at
        elif kind == "acked":
            acked = at
    return acked, round, since


def _said(event: "Event", at: datetime, severity: str) -> dict[str, Any]:
    """What one event changes by itself; what was put off as a warning is not put off when it becomes critical."""
    match event.kind:
        case "severity":
            now = event.detail.get("severity", "warning")
            return {"severity": now} | ({"quiet_until": None} if (severity, now) == ("warning", "critical") else {})
        case "confirmed":
            return {"confirmed_at": at, "component": event.detail.get("component") or ""}
        case "snoozed":
            return {"quiet_until": moment(event.detail.get("until"))}
    return {}


def _told(event: "Event", at: datetime) -> Told:
    """A page; of one whose detail is not ours nothing is taken for told, and nothing fails."""
    tier, attempt = (each if isinstance(each, int) else 1 for each in map(event.detail.get, ("tier", "attempt")))
    return Told(tier=tier, round=round_of(attempt), contact=str(event.detail.get("contact", "")), at=at)


def moment(value: object) -> datetime | None:
    """A time as a detail holds it: written out, or as it is; None for anything else."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return None
    return utc(found) if isinstance(found, datetime) and found.tzinfo else None
