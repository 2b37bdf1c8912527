"""One tick: whoever must be told now is told, each once, however many ticks run at the same time."""

import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from queue import Empty, SimpleQueue

from peakops.contacts import Book, Contact
from peakops.errors import TimedOut
from peakops.escalation.calling import Caller, Paged
from peakops.escalation.claims import Claims
from peakops.escalation.matrix import Due, Page, chosen, due
from peakops.escalation.sending import Sender, Way, by_hand, ways_of
from peakops.escalation.standing import renamed
from peakops.ledger import Event, Incident, Ledger
from peakops.model import Row
from peakops.settings import Settings, WriteKeys
from peakops.sources import Sources
from peakops.sources.threads import at_once, within
from peakops.sources.writers import Writers

LAST_SECONDS = 5.0
"""What it may take to see when a tick last ran."""
CREW = 8
"""Pages that are sent at once: a channel that hangs for its time limit keeps one of them."""


class Tick:
    """One run, for so many seconds."""

    def __init__(self, settings: Settings, keys: WriteKeys, folder: Path, book: Book, *, seconds: float) -> None:
        self._settings, self._book = settings, book
        self._writes = not keys.missing(("database",))
        self._writers, self._folder = Writers(settings, keys, folder), folder
        self._deadline = time.monotonic() + seconds
        self.ledger = Ledger(settings, keys, folder, seconds=seconds)
        self.sender = Sender(settings, self._writers)
        self.open = 0
        """How many incidents are open."""
        self._told: tuple[str, ...] = ()
        self._renamed: list[str] = []

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was kept on this machine, or could not be read or noted."""
        return tuple(dict.fromkeys((*self.ledger.warnings, *self._renamed, *self._told)))

    def run(self, *, dry_run: bool) -> list[Paged]:
        """Look at what is open, and tell whoever is due."""
        now = self._settings.now()
        incidents, read_at = self.ledger.all(), time.monotonic()
        events = self.ledger.events_of(incidents)
        self.open = len(incidents)
        self._renamed = [one for each in incidents for one in renamed(each.number, events[each.id], self._book)]
        judged = [(each, due(events[each.id], self._book, now)) for each in incidents if _begun(events[each.id])]
        planned = [self._planned(incident, what, page) for incident, what in judged for page in what.pages]
        return planned if dry_run or not planned else self._called(planned, read_at)

    def _planned(self, incident: Incident, what: Due, page: Page) -> Paged:
        contacts = self._contacts(page)
        ways = tuple(_ways(page, (*contacts, *self._spare(page))))
        return Paged(incident=incident, what=what, page=page, contacts=contacts, ways=ways, result="planned")

    def _contacts(self, page: Page) -> tuple[Contact, ...]:
        """Who is told: who of the tier is there, or the vendors that answer for the component."""
        tier = next(each for each in self._book.tiers if each.n == page.tier)
        if not page.component:
            return self._book.reached(tier, self._settings.now())
        return tuple(self._book.contact(id) for id in chosen(tier, self._book, page.component))

    def _spare(self, page: Page) -> tuple[Contact, ...]:
        """Who is told where every channel of these fails."""
        tier, now = next(each for each in self._book.tiers if each.n == page.tier), self._settings.now()
        return () if page.component else self._book.spare(tier, lambda each: each.there(now))

    def _called(self, planned: Sequence[Paged], read_at: float) -> list[Paged]:
        """Several at once, in the order of their incidents; what is not done in time is left to the next tick."""
        team = self._writes and self.ledger.silent is None
        claims = Claims(self._settings, self._writers, self._folder, team=team)
        known = claims.of([each.incident for each in planned])
        caller = Caller(
            settings=self._settings,
            book=self._book,
            ledger=self.ledger,
            claims=claims,
            sender=self.sender,
            read_at=read_at,
        )
        left: SimpleQueue[int] = SimpleQueue()
        for number in range(len(planned)):
            left.put(number)
        done: dict[int, Paged] = {}
        over = threading.Event()

        def work() -> None:
            while not over.is_set():
                try:
                    number = left.get_nowait()
                except Empty:
                    return
                each = planned[number]
                done[number] = caller.call(each, known.get((each.incident.id, each.page.tier), []))

        try:
            with suppress(TimeoutError):
                within(self._deadline - time.monotonic(), lambda: at_once([work] * min(CREW, len(planned))))
        finally:
            over.set()
        self._told = (*claims.warnings, *caller.unnoted)
        return [done.get(number) or replace(each, result="not_done") for number, each in enumerate(planned)]


def last_run(job: str, settings: Settings, folder: Path) -> Row | None:
    """The last run of a job that ended well enough. Raises what the database does, and TimedOut where it is mute."""
    sources = Sources(settings, time.monotonic() + LAST_SECONDS, folder)
    try:
        asked = {"query": "escalation/last_tick", "sweep": job}
        rows = within(LAST_SECONDS, lambda: sources.read("database", "rows", asked)).rows
    except TimeoutError:
        says = f"The database did not answer within {LAST_SECONDS:.0f} s."
        raise TimedOut(says, code="database.timeout", source="database") from None
    return rows[0] if rows else None


def _ways(page: Page, contacts: tuple[Contact, ...]) -> list[Way]:
    """All ways to who is told; to a vendor without any, a person's hands."""
    return ways_of(contacts) or [by_hand(each) for each in contacts[:1] if page.component]


def _begun(events: Sequence[Event]) -> bool:
    """Whether it is known when an incident was opened: of one that only its number is known of it is not."""
    return any(each.kind == "opened" for each in events)
