"""
How likely it is that somebody else is in a person's account: the sum of what is unusual in one visit. Pure.

`security investigate` judges one person by it and `security hunt` everybody. A visit is what came from one network
without a pause of half a day; signals of different visits are not added up, since somebody who travels and works at
home in the night is not an intruder. Earlier events are only learnt from.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from peakops.scenario import Row
from peakops.scenarios.security import baseline, rules
from peakops.scenarios.security.context import Context
from peakops.scenarios.security.events import FAILED, network
from peakops.scenarios.security.signals import OTHER_PRACTICE, Signal

LEARNS = baseline.LEARNS
"""How long before the window events are to be read."""
LIKELY = 6.5
"""Where the hunt's gate (tests/bench/takeovers.py) finds 38 of 40 take-overs and more, at two alerts a day at most."""
UNUSUAL = 5.0
"""Worth a question to the person, and not an alert: a browser or a country beside a network, or reading in masses."""
PAUSE = timedelta(hours=12)
"""What comes later from the same network is another visit."""
MOST_VISITS = 64
"""Visits of one person that are kept open at a time, the newest: an intruder may change address with every request."""
RIGHTS, ELSEWHERE = "privilege_change", "other_practice"
NOVEL = 2.0
"""Points of a visit from which a change of rights in it counts (P1)."""

LIKELY_COMPROMISED, UNUSUAL_ONLY, NOTHING_UNUSUAL = "likely_compromised", "unusual", "nothing_unusual"


@dataclass(frozen=True, kw_only=True)
class Day:
    """The most unusual visit of a day in UTC: that of its weightiest signal."""

    day: date
    score: float
    signals: tuple[Signal, ...]

    @property
    def verdict(self) -> str:
        return verdict(self.score)


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What came of one person's events; `days` are those with anything unusual at all, worst first."""

    days: tuple[Day, ...]
    learned: int
    """Log-ins that were known at the end."""

    @property
    def score(self) -> float:
        return self.days[0].score if self.days else 0.0

    @property
    def verdict(self) -> str:
        return verdict(self.score)

    @property
    def alerts(self) -> tuple[Day, ...]:
        """The days that somebody must look at, worst first."""
        return tuple(day for day in self.days if day.score >= LIKELY)


def verdict(score: float) -> str:
    """What a score means."""
    return LIKELY_COMPROMISED if score >= LIKELY else UNUSUAL_ONLY if score >= UNUSUAL else NOTHING_UNUSUAL


@dataclass
class Visit:
    """What came from one network; of each signal the strongest."""

    last: datetime
    found: dict[str, Signal] = field(default_factory=dict)

    @property
    def signals(self) -> tuple[Signal, ...]:
        """What makes up the score, the weightiest first."""
        novel = sum(signal.points for code, signal in self.found.items() if code != RIGHTS)
        counted = [signal for signal in self.found.values() if signal.code != RIGHTS or novel >= NOVEL]
        if len(counted) > 1:
            counted = [_not_referred(each) if each.code == ELSEWHERE else each for each in counted]
        return tuple(sorted(counted, key=lambda signal: (-signal.points, signal.at)))

    @property
    def score(self) -> float:
        """Their points; a change of rights counts only where the visit is new in some other way."""
        return round(sum(signal.points for signal in self.signals), 2)

    def add(self, signal: Signal) -> None:
        """Count a signal, or a stronger one of its sort."""
        before = self.found.get(signal.code)
        if before is None or signal.points > before.points:
            self.found[signal.code] = signal


def _not_referred(signal: Signal) -> Signal:
    """Another practice's things in a visit that is unusual in another way too: no colleague has asked for that."""
    return replace(signal, points=min(OTHER_PRACTICE, 2 * signal.points))


@dataclass
class Visits:
    """The visits of one person: those that go on, by network, and of each day the most unusual that has ended."""

    open: dict[str | None, Visit] = field(default_factory=dict)
    worst: dict[date, Visit] = field(default_factory=dict)
    latest: Visit | None = None

    def of(self, event: Row) -> Visit:
        """The visit that an event belongs to; one without an address belongs to what was going on."""
        at, place = event["at"], network(event["ip"]) if event["ip"] else None
        visit = self.open.get(place) or (self.latest if place is None else None)
        if visit is None or at - visit.last > PAUSE:
            visit = self._begin(place, at)
        visit.last, self.latest = at, visit
        return visit

    def _begin(self, place: str | None, at: datetime) -> Visit:
        for other in [other for other, visit in self.open.items() if at - visit.last > PAUSE]:
            self.end(other)
        if len(self.open) >= MOST_VISITS:
            self.end(next(iter(self.open)))
        self.end(place)
        return self.open.setdefault(place, Visit(last=at))

    def end(self, place: str | None) -> None:
        """Close a visit, if there is one, and keep it where it is its day's worst."""
        visit = self.open.pop(place, None)
        if visit and visit.signals:
            day = visit.signals[0].at.astimezone(UTC).date()
            if day not in self.worst or visit.score > self.worst[day].score:
                self.worst[day] = visit

    def days(self) -> tuple[Day, ...]:
        """End all of them; the days with anything unusual, worst first."""
        for place in list(self.open):
            self.end(place)
        days = (Day(day=day, score=visit.score, signals=visit.signals) for day, visit in self.worst.items())
        return tuple(sorted(days, key=lambda day: (-day.score, day.day)))


def judge(events: Iterable[Row], context: Context, since: datetime) -> Judged:
    """Judge one person by their events in order of time; those before `since` are only learnt from."""
    known, visits = baseline.Baseline(), Visits()
    for event in events:
        known.forget(event["at"])
        if event["at"] >= since and event["kind"] != FAILED:
            found = rules.of_event(event, known, context)
            visit = visits.of(event)
            for signal in found:
                visit.add(signal)
        known.learn(event, context)
    return Judged(days=visits.days(), learned=known.logins)
