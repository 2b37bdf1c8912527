"""The ledger in Postgres: numbers and places in a chain are taken by an insert that only one can make."""

import random
import time
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from peakops.errors import Changed, Denied, Locked, PeakopsError, Refused, TimedOut
from peakops.ledger.event import FIRST, REF, Event, Incident, sealed
from peakops.model import Row
from peakops.settings import Settings, WriteKeys
from peakops.sources import Sources
from peakops.sources.threads import within
from peakops.sources.writers import Writers

TRIES = 60
"""How often a number or a place is taken again that somebody else took first: one of them wins every time."""
CALL_SECONDS = 10.0
"""What one call may take: a statement has 8 s, and a database of which nothing is heard for longer is mute."""
TAKEN = (Changed, Locked)
"""What a transaction ends in that somebody else was before."""
T = TypeVar("T")


class Team:
    """
    The team's tables; every call raises PeakopsError where they do not answer.

    What was silent once stays so for this run: a database that is down must not cost its time limit at every event.
    """

    def __init__(self, settings: Settings, keys: WriteKeys, folder: Path, seconds: float) -> None:
        self._settings, self._keys, self._folder = settings, keys, folder
        self._deadline = time.monotonic() + seconds
        self.silent: PeakopsError | None = None
        """Why it does not answer, once it did not."""
        self.refuses: PeakopsError | None = None
        """Why nothing can be written, once it could not."""

    @property
    def placed(self) -> bool:
        """Whether `peakops setup` was run, as far as that was asked."""
        return bool(self.__dict__.get("_has_schema", True))

    def find(self, name: str) -> list[Incident]:
        """The incidents that a number or an id means; more than one only for numbers of stations."""
        return [Incident(**each) for each in self.rows("incident/find", name=name)]

    def all(self, *, open_only: bool) -> list[Incident]:
        """The last opened first."""
        return [Incident(**each) for each in self.rows("incident/all", open_only=open_only)]

    def events_of(self, ids: Sequence[str]) -> dict[str, list[Event]]:
        """The events of incidents by id, in one statement."""
        found: dict[str, list[Event]] = {each: [] for each in ids}
        for row in self.rows("incident/events", ids=list(ids)) if ids else ():
            found[str(row["incident"])].append(event(row))
        return found

    def open(self, incident: Incident, *told: dict[str, Any]) -> Incident:
        """
        Make an incident with its first events, under the next number; the one that is there where it is made.

        All in one transaction: who sees it opened, and calls people for it, sees what was done about it, too.
        """
        chain, before = list[Event](), (0, FIRST)
        for each in told:
            chain.append(sealed(incident.id, before, each))
            before = chain[-1].seq, chain[-1].hash
        appended = [("incident/append", {**_row(incident.id, each), "rows": 1}) for each in chain]
        made = {key: getattr(incident, key) for key in ("id", "subject", "severity", "opened_at", "opened_by")}
        for again in range(TRIES):
            self._won([("incident/open", made), *appended])
            if known := self.find(incident.id):
                return known[0]
            _wait(again)
        raise self._unwritten(Changed("Every number was taken by somebody else.", source="database"))

    def append(self, incident: str, told: dict[str, Any]) -> Event:
        """Add an event at the end of the chain, wherever that is by then; the one that is there where it is."""
        for again in range(TRIES):
            end = [event(each) for each in self.rows("incident/end", incident=incident, ref=told["detail"][REF])]
            if known := next((each for each in end if each.detail.get(REF) == told["detail"][REF]), None):
                return known
            made = sealed(incident, (end[-1].seq, end[-1].hash) if end else (0, FIRST), told)
            if any(self._won([("incident/append", _row(incident, made))])):
                return made
            _wait(again)
        raise self._unwritten(Changed("Every place in the chain was taken by somebody else.", source="database"))

    def rows(self, query: str, **params: Any) -> Sequence[Row]:
        """The rows of a named query, under the role that writes where there is one: what it sees is what it adds to."""
        return self._ask(query, **params) if self._has_schema else ()

    def commit(self, statements: list[tuple[str, dict[str, Any]]]) -> list[list[dict[str, Any]]]:
        """Named writes in one transaction; what could not be written once is not tried again."""
        if wrong := self.silent or self.refuses:
            raise wrong
        try:
            if lacking := self._keys.missing(("database",)):
                raise Denied(f"{lacking} is not set.", hint="See docs/settings.md.", code="fix.no_write_access")
            if not self._has_schema:
                raise Refused("The schema peakops is not set up.", hint="peakops setup", code="fix.no_place")
            return self._bounded(lambda: self._writers.commit(statements))
        except TAKEN:
            raise
        except PeakopsError as wrong:
            raise self._unwritten(wrong) from wrong

    def _won(self, statements: list[tuple[str, dict[str, Any]]]) -> list[list[dict[str, Any]]]:
        """What a transaction returned; nothing where somebody else came first."""
        try:
            return self.commit(statements)
        except TAKEN:
            return []

    @cached_property
    def _has_schema(self) -> bool:
        """Whether `peakops setup` was run: where it was not, there is no incident, and none can be written."""
        return bool(self._ask("change/team_tables")[0]["schema"])

    def _ask(self, query: str, **params: Any) -> Sequence[Row]:
        if self.silent:
            raise self.silent
        ask = self._writers.rows if self._keys.database_url else self._read
        try:
            return self._bounded(lambda: ask(query, **params))
        except PeakopsError as wrong:
            self.silent = wrong
            raise

    def _read(self, query: str, **params: Any) -> Sequence[Row]:
        """The same question under the role that only reads."""
        return self._readers.read("database", "rows", {"query": query, **params}).rows

    @cached_property
    def _writers(self) -> Writers:
        return Writers(self._settings, self._keys, self._folder)

    @cached_property
    def _readers(self) -> Sources:
        return Sources(self._settings, self._deadline, self._folder)

    def _unwritten(self, wrong: PeakopsError) -> PeakopsError:
        self.refuses = wrong
        return wrong

    def _bounded(self, work: Callable[[], T]) -> T:
        """What `work` brings within the time that is left; what is not heard of by then may still have been done."""
        try:
            return within(min(CALL_SECONDS, self._deadline - time.monotonic()), work)
        except TimeoutError:
            says = "Nothing was heard of the database within the time for the incident."
            hint = "Run it again, or give more time with --timeout."
            raise TimedOut(says, hint=hint, code="database.timeout", source="database") from None


def event(row: Row) -> Event:
    """An event as a query brings it."""
    chosen = {key: row[key] for key in ("seq", "at", "recorded_at", "operator", "kind", "says", "detail", "hash")}
    return Event(**chosen, prev=row["prev_hash"])


def _row(incident: str, made: Event) -> dict[str, Any]:
    """The parameters that write an event."""
    told = {key: value for key, value in vars(made).items() if key != "local"}
    return {"incident": incident, **told}


def _wait(again: int) -> None:
    """Let the others finish, for a while that no two runs share."""
    time.sleep(random.uniform(0, 0.005 * (again + 1)))  # noqa: S311  (it decides nothing)
