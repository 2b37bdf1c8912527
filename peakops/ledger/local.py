"""What is noted of incidents while nothing can be written to Postgres: a file each, in the state folder."""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from peakops.errors import NotConfigured
from peakops.ledger.event import FIRST, LOCAL, Event, Incident, sealed

NAME, MERGED, LOCK = "incidents", "merged", "lock"
LETTERS = 4
"""How many of a UUID's letters the number of an incident has that is only here: INC-L-3fa2."""
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Kept:
    """One file: an incident, and the events of it that Postgres does not have yet."""

    path: Path
    incident: Incident
    events: list[Event]
    size: int
    """Its bytes when it was read: where it has more by now, something was added since."""


class Local:
    """The files of one environment in a state folder. Raises NotConfigured where they cannot be used."""

    def __init__(self, folder: Path, environment: str) -> None:
        # What was kept of one environment must not be merged into another's database.
        self._folder = folder / NAME / quote(environment, safe="").replace(".", "%2E")
        self.damaged: dict[Path, str] = {}
        """The files that hold something, and cannot be read: what is wrong with each."""

    def kept(self) -> list[Kept]:
        """Everything that waits to be merged; a file that is damaged keeps none of the others."""
        with self._sayable():
            paths = sorted(self._folder.iterdir()) if self._folder.exists() else []
            return [read for each in paths if each.suffix == ".ndjson" and (read := self._readable(each))]

    def number(self, id_: str) -> str:
        """The number of an incident that is only here."""
        return f"{LOCAL}{id_[:LETTERS]}"

    def append(self, incident: Incident, told: dict[str, Any]) -> Event:
        """Add an event to the file of its incident, which is made with the first, and wait until it is on the disk."""
        with self._sayable(), self._locked():
            path = self._folder / f"{incident.id.lower()}.ndjson"
            raw = path.read_bytes() if path.exists() else b""
            known, events = _parsed(raw)
            last = (events[-1].seq, events[-1].hash) if events else (0, FIRST)
            event = sealed(incident.id, last, {**told, "local": True})
            head = b"" if known else _line({"incident": vars(incident)})
            _add(path, head + _line({"event": vars(event)}), fresh=not raw)
            return event

    def done(self, kept: Kept) -> bool:
        """Put a file away that was merged whole; not where something was added to it since it was read."""
        with self._sayable(), self._locked():
            if not kept.path.exists() or kept.path.stat().st_size != kept.size:
                return not kept.path.exists()
            away = self._folder / MERGED
            away.mkdir(mode=0o700, exist_ok=True)
            # The same incident may have been kept before: no file takes another's place.
            kept.path.replace(away / f"{kept.path.stem}.{kept.events[-1].hash[:12]}.ndjson")
            return True

    def _readable(self, path: Path) -> Kept | None:
        """A file; None where nothing is in it, where it is damaged, or was put away by somebody else meanwhile."""
        try:
            raw = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as wrong:
            self.damaged[path] = str(wrong.strerror)
            return None
        incident, events = _parsed(raw)
        if events and incident is None:
            self.damaged[path] = "the line that names its incident is not whole"
        return Kept(path=path, incident=incident, events=events, size=len(raw)) if events and incident else None

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """One writer at a time on this machine; no vendor and no database is asked meanwhile."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(self._folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        finally:
            os.close(file)

    @contextlib.contextmanager
    def _sayable(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError) as wrong:
            raise NotConfigured(
                f"The incidents in {self._folder} cannot be kept or read: {wrong}.",
                code="incident.folder",
                hint="Make the folder writable, or set XDG_STATE_HOME.",
            ) from wrong


def _parsed(raw: bytes) -> tuple[Incident | None, list[Event]]:
    """What a file holds: what a crash or a disk cut short is passed over, and shows as a gap in the chain."""
    told = [each for line in raw.split(b"\n") if isinstance(each := _document(line), dict)]
    incidents = (_made(Incident, each["incident"]) for each in told if "incident" in each)
    events = (_made(Event, each["event"]) for each in told if "event" in each)
    return next(filter(None, incidents), None), [each for each in events if each]


def _document(line: bytes) -> object:
    try:
        return json.loads(line)
    except ValueError:
        return None


def _made(kind: type[T], fields: Any) -> T | None:
    """What a line tells of; None where it is not what this version writes."""
    try:
        return kind(**_moments(fields))
    except (TypeError, ValueError, AttributeError):
        return None


def _line(document: dict[str, Any]) -> bytes:
    return json.dumps(document, default=datetime.isoformat).encode() + b"\n"


def _moments(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of a line, with their moments as such."""
    times = ("at", "recorded_at", "opened_at")
    return {key: datetime.fromisoformat(each) if key in times else each for key, each in fields.items()}


def _add(path: Path, data: bytes, *, fresh: bool) -> None:
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        size = os.fstat(file).st_size
        # A line that a crash cut short is ended, so that it does not take this one along.
        if size and os.pread(file, 1, size - 1) != b"\n":
            data = b"\n" + data
        while data:
            data = data[os.write(file, data) :]
        os.fsync(file)
    finally:
        os.close(file)
    if fresh:
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
