"""Claims: an attempt to tell somebody is written down before it is made, so that of many runs one makes it."""

import json
import os
import re
import socket
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from peakops.errors import NotConfigured, PeakopsError, TimedOut, Unreachable
from peakops.escalation.standing import moment
from peakops.escalation.trying import Claim
from peakops.journal import person
from peakops.ledger import Incident
from peakops.settings import Settings
from peakops.sources.threads import within
from peakops.sources.writers import Writers

FOLDER = "claims"
CLAIM_SECONDS = 5.0
"""What one claim may take of Postgres: while it is waited for nobody is called."""
NAME = re.compile(r"[^A-Za-z0-9._-]+")
"""What a file's name may not hold of a claim's key."""

T = TypeVar("T")


class Key(NamedTuple):
    """What one claim is of."""

    incident: str
    tier: int
    channel: str
    attempt: int


class Claims:
    """
    The claims of the team in Postgres, and those of this machine where that is not to be had.

    `warnings` says of each claim that other machines could not see.
    """

    def __init__(self, settings: Settings, writers: Writers, folder: Path, *, team: bool) -> None:
        """`team` is whether Postgres may be asked at all."""
        self._settings, self._writers, self._folder, self._team = settings, writers, folder / FOLDER, team
        self._here: set[Key] = set()
        self._told: dict[str, None] = {}

    @property
    def warnings(self) -> tuple[str, ...]:
        """Why other machines could not see what was claimed."""
        return tuple(self._told)

    def of(self, incidents: Sequence[Incident]) -> Mapping[tuple[str, int], list[Claim]]:
        """The claims of incidents by their id and the tier, in one statement; of this machine alone if that fails."""
        found: dict[tuple[str, int], list[Claim]] = defaultdict(list)
        for incident, tier, claim in self._kept({each.id for each in incidents}):
            found[incident, tier].append(claim)
        ids = [each.id for each in incidents if not each.local]
        if self._team and ids:
            try:
                rows = self._heard(lambda: self._writers.rows("escalation/claims", ids=ids))
            except PeakopsError as wrong:
                self._missed(wrong)
                rows = ()
            for row in rows:
                found[row["incident"], row["tier"]].append(_claim(row))
        return found

    def take(self, incident: Incident, key: Key, now: datetime) -> bool:
        """
        Claim an attempt; False where another run has it.

        Where Postgres cannot take it the file of this machine does: who is not called is worse than who is called
        twice.
        """
        if self._team and not incident.local:
            try:
                params = {**key._asdict(), "claimed_by": f"{person()}@{socket.gethostname()}", "now": now}
                return bool(self._heard(lambda: self._writers.commit([("escalation/claim", params)]))[0])
            except PeakopsError as wrong:
                self._missed(wrong)
        elif not incident.local and not self._told:
            self._lost("Nothing can be written to the database.")
        return self._take_here(key, now)

    def settle(self, key: Key, outcome: str) -> None:
        """Write down what became of an attempt that was claimed. Never raises: an outcome that is lost is none."""
        with suppress(PeakopsError, OSError):
            if key in self._here:
                path = self._path(key)
                beside = path.with_suffix(".new")
                beside.write_text(json.dumps({**json.loads(path.read_text("utf-8")), "outcome": outcome}), "utf-8")
                beside.replace(path)
            elif self._team:
                settled = {**key._asdict(), "outcome": outcome}
                self._heard(lambda: self._writers.commit([("escalation/settle", settled)]))

    def _heard(self, work: Callable[[], T]) -> T:
        """What `work` brings of Postgres. Raises what it raises, and TimedOut: it is not asked again then."""
        try:
            return within(CLAIM_SECONDS, work)
        except TimeoutError:
            self._team = False
            says = f"The database did not answer within {CLAIM_SECONDS:.0f} s."
            raise TimedOut(says, code="database.timeout", source="database") from None

    def _missed(self, wrong: PeakopsError) -> None:
        """A database that is silent is not waited for again: each page would take its time limit."""
        self._lost(wrong.says)
        self._team = self._team and not isinstance(wrong, TimedOut | Unreachable)

    def _lost(self, why: str) -> None:
        self._told[f"Pages were claimed on this machine alone: another may send them too. {why}"] = None

    def _path(self, key: Key) -> Path:
        return self._folder / key.incident / f"{key.tier}_{NAME.sub('-', key.channel)}_{key.attempt}.json"

    def _take_here(self, key: Key, now: datetime) -> bool:
        """By a file that only one run can make. Raises NotConfigured where none can be made."""
        path, told = self._path(key), {**key._asdict(), "claimed_at": now.isoformat(), "outcome": None}
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            # Written whole and then linked: whoever reads it reads all of it.
            beside = path.with_suffix(f".{os.getpid()}")
            beside.write_text(json.dumps(told), "utf-8")
            try:
                os.link(beside, path)
            except FileExistsError:
                return False
            finally:
                beside.unlink()
        except OSError as wrong:
            says = f"{path.parent} cannot be written, so that nothing can be claimed: {wrong.strerror}."
            raise NotConfigured(
                says, code="claims.failed", hint="Make the folder writable, or set XDG_STATE_HOME."
            ) from None
        self._here.add(key)
        return True

    def _kept(self, ids: set[str]) -> Iterable[tuple[str, int, Claim]]:
        """The claims of this machine."""
        for id in ids:
            for path in sorted((self._folder / id).glob("*.json")):
                with suppress(OSError, ValueError, KeyError, TypeError):
                    row = json.loads(path.read_text("utf-8"))
                    yield id, int(row["tier"]), _claim({**row, "claimed_at": moment(row["claimed_at"])})


def _claim(row: Mapping[str, Any]) -> Claim:
    return Claim(**{name: row[name] for name in ("channel", "attempt", "claimed_at", "outcome")})
