"""What is usual for one person, learnt event by event; it holds at most what ninety days bring. Pure."""

from collections import deque
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from peakops.scenario import Row
from peakops.scenarios.security.context import Context
from peakops.scenarios.security.events import FAILED, LOGIN, PRESENT, family, is_elsewhere, network, provider

LEARNS = timedelta(days=90)
"""How long something is known after it was last seen (facts 1.3, L1)."""
SHIFT = timedelta(minutes=30)
"""How long before a success failures belong to it (facts 1.3, L7)."""
HOURS_KEPT = 400
"""Hours with reading that are remembered, the newest."""
SPREAD_OF_NORMAL = 1.4826
"""What makes a median of absolute deviations comparable with a standard deviation."""


@dataclass
class Known:
    """The values of one sort that were seen, when last, and how often one was new."""

    last: dict[Any, datetime] = field(default_factory=dict)
    times: int = 0
    new: int = 0

    def __contains__(self, value: object) -> bool:
        return value in self.last

    def forget(self, at: datetime) -> None:
        """Drop what was not seen for ninety days."""
        if self.last and at - next(iter(self.last.values())) > LEARNS:
            self.last = {value: seen for value, seen in self.last.items() if at - seen <= LEARNS}

    def learn(self, value: Any, at: datetime, *, keep: bool = True) -> None:
        """Count a value; with `keep` it is known from now on."""
        self.times += 1
        self.new += value not in self.last and self.times > 1
        if keep:
            self.last.pop(value, None)  # the longest unseen is first
            self.last[value] = at

    @property
    def rate(self) -> float:
        """How often one is new; with few seen it is drawn towards a half."""
        return (self.new + 1) / (self.times + 2)


@dataclass
class Baseline:
    """One person, as the events so far show them."""

    networks: Known = field(default_factory=Known)
    providers: Known = field(default_factory=Known)
    asns: Known = field(default_factory=Known)
    agents: Known = field(default_factory=Known)
    countries: Known = field(default_factory=Known)
    hours: list[int] = field(default_factory=lambda: [0] * 24)
    present: int = 0
    logins: int = 0
    failures: deque[datetime] = field(default_factory=deque)
    practices: Known = field(default_factory=Known)
    """Those other than the person's own of which something was touched."""
    elsewhere: dict[date, None] = field(default_factory=dict)
    """Days on which things of other practices were touched; the newest of them."""
    country: tuple[str, datetime] | None = None
    """The country last seen, and when."""
    today: date | None = None
    reading: tuple[datetime, int] | None = None
    """The hour in which something was last read, and how many rows."""
    read: deque[int] = field(default_factory=lambda: deque(maxlen=HOURS_KEPT))
    """The rows of earlier hours with reading."""

    def learn(self, event: Row, context: Context) -> None:
        """Know from now on what this event shows; a network of everybody is nobody's."""
        at, kind = event["at"], event["kind"]
        if kind == FAILED:  # whoever failed may be anybody
            self.failures.append(at)
            return
        self._learn_place(event, at, context)
        if event["agent"]:
            self.agents.learn(family(event["agent"]).name, at)
        if event["country"]:
            self.countries.learn(event["country"], at)
            self.country = (event["country"], at)
        if kind in PRESENT:
            self.hours[at.hour] += 1
            self.present += 1
        if kind == LOGIN:
            self.logins += 1
            self.failures.clear()
        if is_elsewhere(event):
            self.practices.learn(event["practice"], at)
            self.elsewhere[at.date()] = None
        self._learn_rows(event)

    def _learn_place(self, event: Row, at: datetime, context: Context) -> None:
        place = network(event["ip"]) if event["ip"] else None
        if place is None:
            return
        own = not context.everybody(place, at)
        self.networks.learn(place, at, keep=own)
        self.providers.learn(provider(event["ip"]), at, keep=own)
        if event["asn"]:
            self.asns.learn(event["asn"], at, keep=own)

    def _learn_rows(self, event: Row) -> None:
        if not event["rows"]:
            return
        hour = event["at"].replace(minute=0, second=0, microsecond=0)
        if self.reading and self.reading[0] != hour:
            self.read.append(self.reading[1])
            self.reading = None
        self.reading = (hour, (self.reading[1] if self.reading else 0) + event["rows"])

    def forget(self, at: datetime) -> None:
        """Drop what is too old to count at this time; by the day, but for failures."""
        while self.failures and at - self.failures[0] > SHIFT:
            self.failures.popleft()
        if self.today == at.date():
            return
        self.today = at.date()
        for known in (self.networks, self.providers, self.asns, self.agents, self.countries, self.practices):
            known.forget(at)
        self.elsewhere = {day: None for day in self.elsewhere if self.today - day <= LEARNS}

    def rows_in_hour(self, event: Row) -> int:
        """The rows that were read in the hour of the event, with it."""
        hour = event["at"].replace(minute=0, second=0, microsecond=0)
        before = self.reading[1] if self.reading and self.reading[0] == hour else 0
        return before + (event["rows"] or 0)

    def earlier_hours(self, event: Row) -> list[int]:
        """The rows of each earlier hour in which something was read."""
        hour = event["at"].replace(minute=0, second=0, microsecond=0)
        return [*self.read, *([self.reading[1]] if self.reading and self.reading[0] != hour else [])]


def robust_z(value: float, before: list[int]) -> float:
    """How many spreads a value lies above the middle of earlier ones; a spread is one row at least."""
    middle = median(before)
    spread = SPREAD_OF_NORMAL * median(abs(each - middle) for each in before)
    return (value - middle) / max(spread, 1.0)
