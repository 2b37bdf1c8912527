"""Who may change a subject now: a lock of this machine, and the team's lease in Postgres where its schema is."""

import fcntl
import hashlib
import os
import secrets
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from peakops import journal
from peakops.errors import Locked, NotConfigured, PeakopsError
from peakops.journal import Entry
from peakops.plan import Subject
from peakops.settings import Settings
from peakops.sources.writers import Writers

NO_TEAM_LOCK = (
    "The team's lock table is missing, so only runs of this machine are kept apart: run 'peakops setup' once."
)

AGAIN = "Run it again when that run has ended."
LEASE = timedelta(minutes=2)
"""How long a lease lasts; each transaction under it prolongs it, and a plan has a few writes of some seconds each."""
CHANGED, RUN = "is being changed", "is being run"
"""What another does with a subject that it has the lease of."""


@dataclass(frozen=True, kw_only=True)
class Lease:
    """What a run holds while it changes a subject."""

    subject: str
    owner: str
    team: bool
    """Whether the lease is in Postgres too."""
    copies: bool
    """Whether the team keeps a copy of the journal."""

    @property
    def station(self) -> str:
        """Who holds it, without the run: operator, host and state folder."""
        return self.owner.rpartition("/")[0]

    def copies_of(self, entry: Entry, plan: str) -> list[tuple[str, Mapping[str, Any]]]:
        """What puts the team's copy of a journal's line beside the others', where they have a place for it."""
        copy = {
            "operator": self.station,
            "seq": entry.seq,
            "at": entry.at,
            "kind": entry.kind,
            "command": entry.command,
            "subject": entry.subject,
            "plan_hash": plan,
            "detail": entry.detail,
            "prev_hash": entry.prev,
            "hash": entry.hash,
        }
        return [("change/copy_journal", copy)] if self.copies else []

    def statements(self, now: datetime) -> list[tuple[str, Mapping[str, Any]]]:
        """What begins a transaction that writes: a lost lease writes nothing, and one that is held is prolonged."""
        held = {"subject": self.subject, "owner": self.owner, "expires_at": now + LEASE}
        return [("change/hold_lock", held)] if self.team else []


@contextmanager
def held(
    subject: Subject,
    folder: Path,
    settings: Settings,
    writers: Writers,
    *,
    lasts: timedelta = LEASE,
    doing: str = CHANGED,
) -> Iterator[Lease]:
    """
    The lease on a subject for as long as the block runs. Raises Locked when another run has it.

    The machine's lock goes with the process, so that a run that was killed leaves none; its row in Postgres is taken
    over, since whoever holds the machine's lock is the only run of this station. Other stations wait for its end.
    """
    with of_this_machine(subject, folder, now=settings.now(), doing=doing):
        station = f"{journal.person()}@{socket.gethostname()}/{_station(folder)}/"
        present = writers.rows("change/team_tables")[0]
        lease = Lease(
            subject=subject.key,
            owner=station + secrets.token_hex(4),
            team=present["locks"],
            copies=present["journal"],
        )
        if lease.team:
            _take(lease, station, f"{subject.name} {doing}", writers, settings.now() + lasts)
        try:
            yield lease
        finally:
            # A lease that cannot be given back runs out by itself; the change is what counts.
            with suppress(PeakopsError):
                if lease.team:
                    writers.commit([("change/release_lock", {"subject": lease.subject, "owner": lease.owner})])


def _take(lease: Lease, station: str, says: str, writers: Writers, expires_at: datetime) -> None:
    wanted = {
        "subject": lease.subject,
        "owner": lease.owner,
        "station": station,
        "expires_at": expires_at,
    }
    if writers.commit([("change/take_lock", wanted)])[0]:
        return
    holder = writers.rows("change/lock_holder", subject=lease.subject)
    who = _told(holder[0], expires_at) if holder else "another run"
    raise Locked(f"{says} by {who}.", hint=AGAIN)


def _told(holder: Mapping[str, Any], expires_at: datetime) -> str:
    """Who has a lease, since when and until when; with the day where it is not ours: a clock may have been wrong."""
    since, until = holder["taken_at"].astimezone(UTC), holder["expires_at"].astimezone(UTC)
    form = "%H:%M:%S" if since.date() == until.date() == expires_at.astimezone(UTC).date() else "%Y-%m-%d %H:%M:%S"
    return f"{holder['owner'].split('/')[0]} since {since:{form}} until {until:{form}} UTC"


@contextmanager
def of_this_machine(
    subject: Subject, folder: Path, *, now: datetime | None = None, doing: str = CHANGED
) -> Iterator[None]:
    """
    The lock of this machine alone, for what only the journal tells of. Raises Locked.

    With `now`, the file's time says since when it is held.
    """
    path = folder / "locks" / hashlib.sha256(subject.key.encode()).hexdigest()[:32]
    file = _locked(path, f"{subject.name} {doing}", since=now is not None)
    try:
        if now:
            os.utime(file, (now.timestamp(), now.timestamp()))
        yield
    finally:
        os.close(file)


def _locked(path: Path, says: str, *, since: bool) -> int:
    """The descriptor of the lock's file; it is given back when that is closed, or with the process."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BaseException:
            os.close(file)
            raise
        return file
    except BlockingIOError:
        when = f" since {datetime.fromtimestamp(path.stat().st_mtime, UTC):%H:%M:%S} UTC" if since else ""
        raise Locked(f"{says} by another run on this machine{when}.", hint=AGAIN) from None
    except OSError as wrong:
        raise NotConfigured(
            f"The lock {path} cannot be made: {wrong.strerror}.",
            code="lock.failed",
            hint="Make the folder writable, or set XDG_STATE_HOME.",
        ) from None


def _station(folder: Path) -> str:
    """The name of this state folder, made once: two folders on one machine are two stations."""
    path = folder / "station"
    with suppress(FileExistsError), os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_hex(8))
    return path.read_text("utf-8")
