"""Who must be told of an incident now: a function of its events, the tiers and the time, and of nothing stored."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from peakops.escalation.standing import Standing, standing, utc

if TYPE_CHECKING:
    from peakops.contacts import Book, Tier
    from peakops.ledger import Event

ALL = "warning"
"""The severity of a tier that is told of every incident."""
AUTO, CONFIRM = "auto", "confirm"
"""The modes of a tier: people, and vendors, who are told of what somebody has confirmed, beside the people."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """A tier that is to be told now."""

    tier: int
    round: int
    since: datetime
    """When it should have been told."""
    missed: tuple[int, ...] = ()
    """Tiers before it that should have been told and were not."""
    component: str = ""
    """The vendor's; empty where people are told."""


@dataclass(frozen=True, kw_only=True)
class Due:
    """What is to be done for an incident at one moment, and what comes next."""

    stands: Standing
    pages: tuple[Page, ...] = ()
    """At most one for people and one for vendors."""
    next: tuple[int, datetime] | None = None
    """The tier that is told next, and when, if nothing happens before."""
    unconfirmed: tuple[int, ...] = ()
    """Tiers of vendors whose time has come, and that wait for somebody who confirms the component."""


def due(events: "Iterable[Event]", book: "Book", now: datetime) -> Due:
    """
    Who is to be told at `now`.

    A tier's time is counted from the opening, so that neither a late tick nor a change of severity moves it. Of the
    tiers whose time has come the highest is told alone, and says which were missed. Raises ValueError; see standing.
    """
    stands = standing(events, timedelta(seconds=book.rearm), now)
    if stands.over_at:
        return Due(stands=stands)
    sight = _Sight(book=book, stands=stands, times=dict(starts(book.tiers, stands.opened_at)), now=utc(now))
    pages = (sight.people_page(), sight.vendors_page())
    return Due(
        stands=stands,
        pages=() if sight.quiet else tuple(each for each in pages if each),
        next=sight.next_page(pages[0]),
        unconfirmed=() if stands.confirmed_at else tuple(each.n for each in sight.come(CONFIRM)),
    )


def starts(tiers: "Iterable[Tier]", opened_at: datetime) -> Iterator[tuple[int, datetime]]:
    """When each tier's time comes, if nothing is resolved: each `after` is counted from the tier before."""
    at = opened_at
    for each in tiers:
        at += timedelta(seconds=each.after)
        yield each.n, at


def chosen(tier: "Tier", book: "Book", component: str) -> tuple[str, ...]:
    """The contacts of a tier of vendors that answer for a component."""
    return tuple(id for id in tier.contacts if component in book.contact(id).components)


@dataclass(frozen=True, kw_only=True)
class _Sight:
    """All that the answers are made of."""

    book: "Book"
    stands: Standing
    times: dict[int, datetime]
    now: datetime

    @property
    def quiet(self) -> bool:
        """Whether somebody has put the incident off."""
        return self.stands.quiet_until is not None and self.now < self.stands.quiet_until

    def concerned(self, mode: str) -> "list[Tier]":
        """The tiers of a mode that hear of incidents of this severity."""
        return [each for each in self.book.tiers if each.mode == mode and each.severity in (ALL, self.stands.severity)]

    def come(self, mode: str) -> "list[Tier]":
        """Those of them whose time has come, and whom no acknowledgement holds back."""
        acked = self.stands.acked_at is not None
        due = [each for each in self.concerned(mode) if self.times[each.n] <= self.now]
        return [each for each in due if not (acked and each.unless == "acked")]

    @cached_property
    def told(self) -> set[tuple[int, int]]:
        """The tiers of people that were told, each with the round."""
        people = {each.n for each in self.book.tiers if each.mode != CONFIRM}
        return {(each.tier, each.round) for each in self.stands.told if each.tier in people}

    @cached_property
    def highest(self) -> int:
        """The highest tier of people that was told: nobody below it is told any more."""
        return max((tier for tier, _ in self.told), default=0)

    def people_page(self) -> Page | None:
        """The highest tier whose time has come, once in a round; in a later round only while nobody has it."""
        come, known = self.come(AUTO), {tier for tier, _ in self.told}
        if not come:
            return None
        n, round = max(come[-1].n, self.highest), self.stands.round
        if (n, round) in self.told or (n in known and self.stands.acked_at):
            return None
        missed = () if n in known else tuple(each.n for each in come if each.n < n and each.n not in known)
        return Page(tier=n, round=round, since=self._since(n, self.stands.round_since), missed=missed)

    def vendors_page(self) -> Page | None:
        """The vendor that answers for what was confirmed, once."""
        come = self.come(CONFIRM)
        if not come or not self.stands.confirmed_at:
            return None
        tier = come[-1]
        ids = chosen(tier, self.book, self.stands.component)
        if any(each.contact in ids for each in self.stands.told):
            return None
        since = self._since(tier.n, self.stands.confirmed_at)
        return Page(tier=tier.n, round=0, since=since, component=self.stands.component)

    def _since(self, n: int, also: datetime | None) -> datetime:
        """When a tier was to be told: its time had come, a pause was over, and what else had to happen had."""
        return max(each for each in (self.times[n], self.stands.quiet_until, also) if each)

    def next_page(self, pending: Page | None) -> tuple[int, datetime] | None:
        """The next tier of people, and when: the next step of the ladder, the end of a pause or of what was acked."""
        stands, coming = self.stands, []
        least = stands.quiet_until if self.quiet and stands.quiet_until else self.now
        again = stands.acked_at + timedelta(seconds=self.book.rearm) if stands.acked_at else None
        for each in self.concerned(AUTO):
            if each.n > self.highest:
                held = again if again and each.unless == "acked" else least
                coming.append((each.n, max(self.times[each.n], held, least)))
        if again:
            at = max(again, least)
            reached = [each.n for each in self.concerned(AUTO) if self.times[each.n] <= at]
            coming.append((max([*reached, self.highest]), at))
        if pending:
            coming.append((pending.tier, least))
        return min((each for each in coming if each[1] > self.now), key=_soonest, default=None)


def _soonest(coming: tuple[int, datetime]) -> tuple[datetime, int]:
    """The order in which tiers are told: of several at one moment the highest alone."""
    return coming[1], -coming[0]
