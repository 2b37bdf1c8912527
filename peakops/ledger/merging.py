"""What was kept on this machine, brought to Postgres: as often as need be, and never twice."""

from datetime import datetime
from typing import Any

from peakops.errors import PeakopsError
from peakops.ledger.event import REF, Event, Incident, breaches
from peakops.ledger.local import Kept, Local
from peakops.ledger.team import Team

AT_ONCE = 500
"""How many events an incident is opened with in Postgres: more than one has, and few enough for one transaction."""


def merge(team: Team, local: Local, now: datetime) -> list[str]:
    """Bring every file's events to Postgres, each with its `at` and recorded `now`; what is to be said of it."""
    said, kept = list[str](), list[Kept]()
    try:
        kept = sorted(local.kept(), key=lambda each: each.incident.opened_at)
        for each in kept:
            said += _merge(each, team, local, now)
    except PeakopsError as wrong:
        count = sum(len(each.events) for each in kept)
        events = "1 event is" if count == 1 else f"{count} events are"
        if count:
            said.append(f"{events} kept on this machine, and could not be merged. {wrong.says}")
    return said


def _merge(kept: Kept, team: Team, local: Local, now: datetime) -> list[str]:
    """
    The events of one file, each unless it is there already; then the file is put away.

    Killed between any two of these steps, or done by two at once, it is done again without a twin.
    """
    number = kept.incident.number
    if broken := breaches(kept.incident.id, kept.events):
        return [f"{kept.path} is not merged: event {broken[0].seq} of {number} was {broken[0].what}."]
    events = [_told(each, now) for each in kept.events]
    target = _target(kept, events, team)
    if target is None:
        return [f"{kept.path} is not merged: there is no incident {number}: resolve it, if the number was mistyped."]
    # After a long silence there are many: what an earlier try has brought is passed over at once.
    there = {each.detail.get(REF) for each in team.events_of([target.id])[target.id]}
    for each in events:
        if each["detail"][REF] not in there:
            team.append(target.id, each)
    if not local.done(kept):
        return []
    became = "" if target.number == number else f" as {target.number}"
    return [f"{number} was kept on this machine, and is merged now{became}."]


def _target(kept: Kept, events: list[dict[str, Any]], team: Team) -> Incident | None:
    """The incident in Postgres, which is opened with its events where it was opened on this machine."""
    if kept.incident.begun_here and events:
        return team.open(kept.incident, *events[:AT_ONCE])
    return next(iter(team.find(kept.incident.id)), None)


def _told(event: Event, now: datetime) -> dict[str, Any]:
    """An event without its place in a chain."""
    told = {key: getattr(event, key) for key in ("at", "operator", "kind", "says", "detail")}
    return {**told, "recorded_at": now}
