"""The record of what was done and shown: hash-chained lines in a folder, written before anything happens."""

import contextlib
import fcntl
import getpass
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

from peakops.errors import NotConfigured
from peakops.journal import anchor
from peakops.journal.breaches import TORN, Breach, breaches
from peakops.journal.entry import START, Entry, Mark, digest, parsed, sealed
from peakops.redact import Door

__all__ = ["HEAD", "NAME", "TORN", "Breach", "Entry", "person", "read", "record", "verify"]

NAME, HEAD = "journal.ndjson", anchor.NAME
BLOCK_BYTES = 1 << 16
"""How much of the end of the file is read at once; a line has about 1000 bytes."""


def record(
    folder: Path,
    *,
    kind: str,
    command: str,
    subject: str,
    detail: dict[str, Any],
    now: datetime | None = None,
    operator: str = "",
    addresses: bool = False,
) -> Entry:
    """
    Append one line, wait until it is on the disk, and return it. Raises NotConfigured when it cannot be written.

    Every line carries the hash of the one before, so that a changed, removed or reordered line shows. A line that a
    crash cut short stays, is ended, and is followed by an entry of the kind `torn` with its hash. `now` is the real
    time and `operator` PEAKOPS_OPERATOR, else the system's user, unless they are given. IP addresses are masked, unless
    the line is about them: `addresses`.
    """
    at = (now or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    who = operator or person()
    told = {"at": at, "operator": who, "kind": kind, "command": command, "subject": subject, "detail": detail}
    plain = json.loads(json.dumps(Door(addresses=addresses).clean(told), default=lambda moment: moment.isoformat()))
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = os.open(folder / NAME, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            return _append(folder, file, plain)
        finally:
            os.close(file)
    except OSError as wrong:
        raise _failed(folder, f"cannot be written: {wrong}") from wrong
    except ValueError as wrong:
        raise _failed(folder, f"cannot be continued: {wrong}", "Run 'peakops journal verify'.") from wrong


def read(
    folder: Path, *, since: datetime | None = None, until: datetime | None = None, kind: str = "", subject: str = ""
) -> Iterator[Entry]:
    """
    The entries, oldest first, of a time (both ends included), a kind and a subject where they are given.

    A line that is no whole entry is left out: `verify` names it. Raises NotConfigured when the file cannot be read.
    """
    try:
        for raw in _lines(folder):
            entry = parsed(raw.removesuffix(b"\n"))
            if entry is None or (kind and entry.kind != kind) or (subject and entry.subject != subject):
                continue
            if (since is None or since <= entry.time) and (until is None or entry.time <= until):
                yield entry
    except OSError as wrong:
        raise _failed(folder, f"cannot be read: {wrong}") from wrong


def verify(folder: Path) -> list[Breach]:
    """What is wrong, by line; nothing where there is no journal. Raises NotConfigured when it cannot be read."""
    try:
        with _unchanging(folder):
            try:
                head, wrong = anchor.read(folder), []
            except ValueError as malformed:
                head, wrong = None, [Breach(0, None, "changed", f"{malformed}.")]
            return wrong + breaches(_lines(folder), head)
    except OSError as unreadable:
        raise _failed(folder, f"cannot be read: {unreadable}") from unreadable


def _lines(folder: Path) -> Iterator[bytes]:
    """The lines with their ends; none where there is no journal yet."""
    with contextlib.suppress(FileNotFoundError), (folder / NAME).open("rb") as file:
        yield from file


@contextlib.contextmanager
def _unchanging(folder: Path) -> Iterator[None]:
    """Nobody appends meanwhile: half of a line that is being written is not a torn one."""
    try:
        file = os.open(folder / NAME, os.O_RDONLY)
    except FileNotFoundError:
        yield
        return
    try:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield
    finally:
        os.close(file)


def person() -> str:
    """Who works here: PEAKOPS_OPERATOR, else the system's user."""
    if named := os.environ.get("PEAKOPS_OPERATOR", "").strip():
        return named
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        # A container's user that has no name.
        return f"uid {os.getuid()}"


def _failed(folder: Path, says: str, hint: str = "Make the folder writable, or set XDG_STATE_HOME.") -> NotConfigured:
    return NotConfigured(f"The journal {folder / NAME} {says}.", code="journal.failed", hint=hint)


def _append(folder: Path, file: int, told: dict[str, Any]) -> Entry:
    """Write the entry, and before it what is to be told of the file's end; what fails half-way is taken back."""
    size = os.fstat(file).st_size
    before, torn, ended = _end(file, size)
    head = anchor.read(folder)
    if head and head.seq > before.seq:
        # Whole entries are gone: to go on from the last that is known leaves a gap in the numbers that stays.
        before, torn = head, []
    entry, data = sealed(before, told), b"" if ended else b"\n"
    if torn:
        detail = {"lines": len(torn), "sha256": digest(torn)}
        first = sealed(before, {**told, "kind": TORN, "command": "journal", "subject": "", "detail": detail})
        entry, data = sealed(first.mark, told), data + first.line + b"\n"
    try:
        _write(file, data + entry.line + b"\n")
        if not size:
            anchor.sync(folder)
        anchor.write(folder, entry)
    except BaseException:
        # A signal may come when all is done: what the anchor names stays.
        with contextlib.suppress(OSError, ValueError):
            if anchor.read(folder) != entry.mark:
                os.ftruncate(file, size)
        raise
    return entry


def _write(file: int, data: bytes) -> None:
    while data:
        data = data[os.write(file, data) :]
    os.fsync(file)


def _end(file: int, size: int) -> tuple[Mark, list[bytes], bool]:
    """The last whole entry, the lines after it that are none, and whether the last line has its end."""
    broken: list[bytes] = []
    lines = _backwards(file, size)
    last = next(lines)
    for raw in chain([last] if last else [], lines):
        entry = parsed(raw)
        if entry:
            return entry.mark, broken[::-1], not last
        broken.append(raw)
    return START, broken[::-1], not last


def _backwards(file: int, size: int) -> Iterator[bytes]:
    """The lines from the last to the first: what follows the last line's end, mostly nothing, comes first."""
    rest = b""
    while size:
        block = min(BLOCK_BYTES, size)
        size -= block
        rest, *whole = (os.pread(file, block, size) + rest).split(b"\n")
        yield from reversed(whole)
    yield rest
