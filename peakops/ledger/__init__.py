"""The incidents: an append-only time line each, in Postgres, or on this machine until it can be written there."""

import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from peakops.errors import BadInput, NotFound, PeakopsError
from peakops.journal import person
from peakops.ledger.event import ENDS, FIRST, REF, Breach, Event, Incident, breaches, is_open, plain, sealed
from peakops.ledger.local import Kept, Local
from peakops.ledger.merging import merge
from peakops.ledger.names import NUMBER, UUID, Ambiguous, distinct, names_of, subject_of
from peakops.ledger.team import Team
from peakops.redact import REMOVED, Door
from peakops.settings import Settings, WriteKeys

__all__ = [
    "ENDS",
    "REF",
    "SECONDS",
    "Ambiguous",
    "Breach",
    "Event",
    "Incident",
    "Ledger",
    "breaches",
    "is_open",
    "subject_of",
]

MASK = "…"
"""What the door puts for the part of an address or a number that is masked."""
SECONDS = 20.0
"""What the database may take of one run's time, all calls together; then events are kept on this machine."""


class Ledger:
    """
    The team's incidents, seen from this machine.

    Whatever cannot be written to Postgres is kept in `folder`, and `warnings` says so; the next ledger that can write
    merges it. `seconds` is what the database may take.
    """

    def __init__(self, settings: Settings, keys: WriteKeys, folder: Path, *, seconds: float = SECONDS) -> None:
        self._settings, self._keys = settings, keys
        self._team, self._local = Team(settings, keys, folder, seconds), Local(folder, settings.environment)
        self._told: dict[str, None] = {}
        self._unread = ""
        self._merged = False
        self.begun: Event | None = None
        """The first event of the incident that was opened last."""
        self.removed = 0
        """How many secrets and personal data were removed from what was noted."""

    @property
    def silent(self) -> PeakopsError | None:
        """Why Postgres could not be read, where it could not: only what this machine keeps is known then."""
        return self._team.silent

    @property
    def missing(self) -> str:
        """Why not all is known: Postgres was silent, or a file of this machine's cannot be read; empty if all is."""
        return " ".join([*([self.silent.says] if self.silent else []), *self._damaged()])

    @property
    def placed(self) -> bool:
        """Whether the team's tables are there; without them each machine knows its own incidents alone."""
        return self._team.placed

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was kept on this machine, or merged, or could not be read."""
        unread, told = self._team.silent, (*self._told, *self._damaged())
        if unread is None or any(each.endswith(unread.says) for each in self._told):
            return told
        return (*told, f"The team's incidents could not be read. {unread.says}")

    def open(
        self,
        subject: str,
        severity: str,
        says: str,
        *,
        at: datetime | None = None,
        detail: dict[str, Any] | None = None,
    ) -> Incident:
        """Open an incident: its first event is `opened`. Raises BadInput where the subject is personal data."""
        self._merge()
        id_, subject = str(uuid.uuid4()), subject_of(subject)
        now, number = self._settings.now(), self._local.number(id_)
        by = self._cleaned(person())
        made = Incident(
            id=id_, number=number, subject=subject, severity=severity, opened_at=at or now, opened_by=by, local=True
        )
        more = {**(detail or {}), "subject": subject, "severity": severity, "local": number}
        told = self._event("opened", says, more, at, now)
        self.begun = sealed(id_, (0, FIRST), told)
        try:
            return self._team.open(made, told)
        except PeakopsError as wrong:
            self._keep(made, told, wrong)
            return made

    def find(self, name: str) -> Incident:
        """
        The incident of a number or an id. Raises NotFound, and Ambiguous.

        While the database is silent, INC-7 is taken as it stands, so that it can be noted to.
        """
        self._merge()
        wanted = name.strip().lower()
        if not NUMBER.fullmatch(wanted) and not UUID.fullmatch(wanted):
            says = f"'{Door().line(name)}' is no number of an incident such as INC-7, and no id."
            raise BadInput(says, hint="peakops incident list")
        here = [each.incident for each in self._kept() if wanted in names_of(each.incident)]
        try:
            found = self._team.find(wanted)
        except PeakopsError:
            found = [] if here else [self._unseen(wanted)]
        known = distinct(here, found)
        if len(known) > 1:
            ids = ", ".join(each.id for each in known)
            raise Ambiguous(f"{name} is the number of {len(known)} incidents: {ids}.", hint="Name it by its id.")
        if not known:
            raise NotFound(f"There is no incident {wanted.upper()}.", hint="peakops incident list")
        return known[0]

    def all(self, open_only: bool = True) -> list[Incident]:
        """The open incidents, or all, the last opened first; those of this machine while Postgres is silent."""
        self._merge()
        kept = self._kept()
        try:
            found = self._team.all(open_only=open_only)
            # Of the team's incidents that are not among the open ones it is known that they have ended.
            kept = [each for each in kept if not open_only or not self._has_ended(each, found)]
        except PeakopsError:
            found = []
        ended = {name for each in kept if not is_open(each.events) for name in (each.incident.id, each.incident.number)}
        known = distinct([each.incident for each in kept], found)
        return sorted(
            (each for each in known if not open_only or not ended & {each.id, each.number}),
            key=lambda each: (each.opened_at, len(each.number), each.number),
            reverse=True,
        )

    def events(self, incident: Incident) -> list[Event]:
        """The time line of an incident, in the order of its chain; what is kept on this machine comes last."""
        return self.events_of([incident])[incident.id]

    def events_of(self, incidents: Sequence[Incident]) -> dict[str, list[Event]]:
        """The time lines of incidents by their ids, in one statement."""
        here = {each.incident.id: each.events for each in self._kept()}
        # Of an incident that could not be seen then, the number is all that its events were kept by.
        stored = [each.id for each in incidents if UUID.fullmatch(each.id)]
        try:
            found = self._team.events_of(stored)
        except PeakopsError:
            found = {}
        names = {each.id: dict.fromkeys((each.id, each.number)) for each in incidents}
        return {
            id_: [*found.get(id_, []), *(event for name in both for event in here.get(name, []))]
            for id_, both in names.items()
        }

    def append(
        self,
        incident: Incident,
        kind: str,
        says: str,
        *,
        detail: dict[str, Any] | None = None,
        at: datetime | None = None,
    ) -> Event:
        """Add an event. It is cleaned of secrets and personal data, and kept on this machine where it must be."""
        told = self._event(kind, says, detail or {}, at, self._settings.now())
        if incident.local:
            # It was opened while nothing could be written, or the database is silent: its events stay together.
            return self._keep(incident, told, self._team.silent or self._team.refuses)
        try:
            return self._team.append(incident.id, told)
        except PeakopsError as wrong:
            return self._keep(incident, told, wrong)

    def _kept(self) -> list[Kept]:
        """What this machine keeps; nothing, and a warning, where its folder cannot be read: the team's is known."""
        try:
            return self._local.kept()
        except PeakopsError as wrong:
            self._unread = wrong.says
            return []

    def _damaged(self) -> list[str]:
        """What of this machine's files cannot be read."""
        told = [f"{path} is left out, and not merged: {why}." for path, why in self._local.damaged.items()]
        return [*told, self._unread] if self._unread else told

    def _has_ended(self, kept: Kept, open_: Sequence[Incident]) -> bool:
        """Whether something was kept for an incident that Postgres has, and that is not open there."""
        known = kept.incident
        shown = any({known.id, known.number} & {each.id, each.number} for each in open_)
        return not shown and bool(self._team.find(known.id))

    def _event(
        self, kind: str, says: str, detail: dict[str, Any], at: datetime | None, now: datetime
    ) -> dict[str, Any]:
        return {
            "at": at or now,
            "recorded_at": now,
            "operator": self._cleaned(person()),
            "kind": kind,
            "says": self._cleaned(says),
            "detail": plain({**self._cleaned(detail), REF: secrets.token_hex(8)}),
        }

    def _cleaned(self, value: Any) -> Any:
        """A value as it may be kept, with what was removed or masked counted."""
        clean = plain(Door().clean(value))
        if clean != value and isinstance(value, str):
            self.removed += _changed(value, clean)
        return clean

    def _keep(self, incident: Incident, told: dict[str, Any], wrong: PeakopsError | None) -> Event:
        why = f" {wrong.says}" if wrong else ""
        told_of = f"The event is kept on this machine, to be merged when the team's ledger can be written.{why}"
        self._told[told_of] = None
        return self._local.append(incident, told)

    def _unseen(self, name: str) -> Incident:
        """An incident of which only the number is known, while Postgres is silent."""
        now, number = self._settings.now(), name if UUID.fullmatch(name) else name.upper()
        return Incident(
            id=number, number=number, subject="", severity="critical", opened_at=now, opened_by="", local=True
        )

    def _merge(self) -> None:
        """Bring what is kept on this machine to Postgres, once a run, where it can be written."""
        if not self._merged and not self._keys.missing(("database",)):
            self._told |= dict.fromkeys(merge(self._team, self._local, self._settings.now()))
        self._merged = True


def _changed(before: str, after: str) -> int:
    """How many parts of a text were removed or masked, by the marks that stand there now; of control characters one."""
    return max(1, sum(after.count(mark) - before.count(mark) for mark in (REMOVED, MASK)))
