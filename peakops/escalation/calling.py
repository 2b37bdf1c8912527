"""One page on its way: claimed, sent, noted, way after way, until somebody has it or every way has failed."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from peakops.contacts import Book, Contact
from peakops.errors import PeakopsError
from peakops.escalation.claims import Claims, Key
from peakops.escalation.matrix import Due, Page, due
from peakops.escalation.sending import Outcome, Sender, Way
from peakops.escalation.standing import BY_HAND, DONE, OVER, SENT, place_of
from peakops.escalation.trying import Claim, Taken, Try, next_step
from peakops.escalation.words import words
from peakops.ledger import Incident, Ledger
from peakops.settings import Settings

FRESH_SECONDS = 2.0
"""Events that were read longer ago are read again before a page goes out: nobody is told after the end."""
SAID = {SENT: "told by {}", BY_HAND: "to be told by a person"}


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One way that was tried, and what became of it."""

    way: Way
    number: int
    outcome: Outcome


@dataclass(frozen=True, kw_only=True)
class Paged:
    """A page, and what became of it."""

    incident: Incident
    what: Due
    page: Page
    contacts: tuple[Contact, ...]
    """Who was to be told."""
    ways: tuple[Way, ...]
    result: str
    """
    sent; elsewhere: another run has it; over: resolved or acknowledged meanwhile; by_hand: a vendor that only a person
    can tell; unreached; planned; not_done: the time was over.
    """
    attempts: tuple[Attempt, ...] = ()
    again_at: datetime | None = None
    """When what failed is tried once more."""
    why: str = ""
    """Why nothing could be claimed, and so nobody was called."""

    @property
    def has_it(self) -> bool:
        """Whether somebody has acknowledged the incident: that nobody else was reached is no alarm then."""
        return self.what.stands.acked_at is not None

    @property
    def failed(self) -> bool:
        """Whether anything went wrong on the way."""
        return self.result == "not_done" or any(each.outcome.code not in DONE for each in self.attempts)


@dataclass(frozen=True, kw_only=True)
class Caller:
    """What all pages of a run share; one page at a time notes what it does."""

    settings: Settings
    book: Book
    ledger: Ledger
    claims: Claims
    sender: Sender
    read_at: float
    """When the events were read, on the monotonic clock."""
    unnoted: dict[str, None] = field(default_factory=dict)
    """Pages that went out and of which the ledger could not be told, each as a warning."""
    turn: threading.Lock = field(default_factory=threading.Lock)

    def call(self, planned: Paged, known: Sequence[Claim]) -> Paged:
        """Carry out one page. Never raises what the ledger or the claims do: nobody was reached then, and why."""
        made: list[Attempt] = []
        try:
            result, again_at = self._tried(planned, list(known), made)
        except PeakopsError as wrong:
            return replace(planned, result="unreached", attempts=tuple(made), why=wrong.says)
        return replace(planned, result=result, attempts=tuple(made), again_at=again_at)

    def _tried(self, planned: Paged, claims: list[Claim], made: list[Attempt]) -> tuple[str, datetime | None]:
        """The result, and when to try again; each attempt is added to `made`."""
        ways = {each.name: each for each in planned.ways}
        while True:
            now = self.settings.now()
            step = next_step(tuple(ways), claims, planned.page.round, now)
            if isinstance(step, Taken):
                return "elsewhere", None
            if not isinstance(step, Try):
                return "unreached", step.again_at
            if self._over(planned):
                return "over", None
            key = Key(planned.incident.id, planned.page.tier, step.channel, step.attempt)
            with self.turn:
                taken = self.claims.take(planned.incident, key, now)
            if not taken:
                return "elsewhere", None
            made.append(self._attempted(planned, ways[step.channel], key))
            code = made[-1].outcome.code
            if code in DONE:
                return code, None
            claims.append(Claim(channel=step.channel, attempt=step.attempt, claimed_at=now, outcome=code))

    def _attempted(self, planned: Paged, way: Way, key: Key) -> Attempt:
        now, place, env = self.settings.now(), place_of(key.attempt), self.settings.environment
        sight = planned.incident, planned.what.stands, planned.page, self.book, now
        told = words(*sight, place=place, environment=env)
        outcome = self.sender.send(way, told, _reference(key))
        made = Attempt(way=way, number=key.attempt, outcome=outcome)
        self._note(planned, key, made)
        return made

    def _note(self, planned: Paged, key: Key, made: Attempt) -> None:
        """The ledger first: a run that is killed before the claim's outcome has told it where it counts."""
        kind, code = made.way.channel.kind, made.outcome.code
        detail = {
            **{"tier": planned.page.tier, "channel": kind, "contact": made.way.contact.id, "attempt": key.attempt},
            **{"outcome": code, "missed": list(planned.page.missed), "name": self.book.tiers[key.tier - 1].name},
        }
        said = SAID.get(code, "not reached by {}").format(kind)
        says = f"Tier {planned.page.tier}: {made.way.contact.role} {said}."
        with self.turn:
            try:
                self.ledger.append(planned.incident, "paged", says, detail=detail)
            except PeakopsError as wrong:
                self.unnoted[f"{planned.incident.number} does not know of a page to tier {key.tier}. {wrong.says}"] = (
                    None
                )
            finally:
                self.claims.settle(key, code)

    def _over(self, planned: Paged) -> bool:
        """
        Whether a page is not to be sent any more: time has passed since the events were read.

        Where they cannot be read again what was read counts: who is not called is worse than who is called too late.
        """
        if time.monotonic() - self.read_at < FRESH_SECONDS:
            return False
        with self.turn:
            events = self.ledger.events(planned.incident)
        if not any(each.kind == "opened" for each in events):
            return any(each.kind in OVER for each in events)
        pages = due(events, self.book, self.settings.now()).pages
        return all(each.tier != planned.page.tier for each in pages)


def _reference(key: Key) -> str:
    """By which a mail is found again, and kept from being sent twice under one claim."""
    return f"peakops-page-{key.incident}-{key.tier}-{key.channel}-{key.attempt}"
