"""Files of the operator's, looked through for what must not be logged; they are read as streams, and not kept."""

import os
import re
import select
import stat
import sys
import time
import zlib
from collections.abc import Callable
from contextlib import closing, suppress
from typing import IO, Any, cast

from peakops.model import Brought, Row
from peakops.redact.scan import CAUTION, Scan
from peakops.settings import Settings

STDIN = "-"
PIECE = 128 << 10
"""Bytes that are read at once: as many as the processor keeps at hand."""
GZIP = b"\x1f\x8b"
PACKED = {
    **{b"PK\x03\x04": "a ZIP archive", b"\x28\xb5\x2f\xfd": "packed by zstd", b"BZh": "packed by bzip2"},
    **{b"\xfd7zXZ": "packed by xz", b"7z\xbc\xaf": "a 7z archive", b"%PDF": "a PDF document"},
    **{b"\x04\x22\x4d\x18": "packed by lz4", b"\x1f\x9d": "packed by compress", b"Rar!": "a RAR archive"},
    **{b"LPKSHHRH": "a journal of systemd's", b"ElfFile\0": "a log of Windows' own form", GZIP: "packed twice"},
    **{b"SQLite format 3\0": "a database", b"\xff\xfe\0\0": "UTF-32", b"\0\0\xfe\xff": "UTF-32"},
}
"""What a file begins with whose text cannot be read as it lies there."""
WIDE = {b"\xff\xfe": 0, b"\xfe\xff": 1}
"""The mark of UTF-16 that a file begins with, and which byte of each pair is the one of ASCII."""
MOST = 10_000
"""Places that are kept of one run, however many files it has; all are counted."""
HEAD = 4096
"""Bytes at the beginning by which a file's form is told."""
FEW_WIDE = 16
"""Bytes from which on UTF-16 without its mark is told by its zeros."""
CONTROLS = bytes({*range(1, 9), *range(14, 27), *range(28, 32)})
"""What no text has, but the bell and the like now and then, and every packed one."""
FEWEST_CONTROLS = 50
"""One byte of so many is one of these where what lies there is no text."""
PAIRS = re.compile(rb"(?:[\t\n\r -~]\0){8}")
"""Letters of UTF-16, as Windows appends them to a log of another form."""
TIME = "the time limit was reached"
RESERVE = 0.3
"""Seconds before the deadline at which a scan ends, so that what it found until then is told."""


class Scanner:
    """The files of one run. It asks nobody, and does not use the network."""

    def __init__(self, settings: Settings, *, deadline: float) -> None:
        self._settings, self._deadline = settings, deadline - RESERVE
        self._places: list[Row] = []

    def scan(self, files: tuple[str, ...]) -> Brought:
        """
        One row a file: how much was read of it, what was found by kind, and why it was not read to its end.

        The kinds come with their number and the line and column of the first one; a value is never among them.
        """
        rows = tuple(self._file(name) for name in files)
        read = sum(each["bytes"] for each in rows)
        return Brought(rows=rows, asked=f"{len(rows)} files, {read:,} bytes")

    def places(self, scanned: int) -> Brought:
        """Where the found things stand, those first that must never be logged; `scanned` waits for the scan."""
        rows = sorted(self._places, key=lambda row: row["severity"] != "critical")
        return Brought(rows=tuple(rows), asked=f"places in {scanned} files")

    def _file(self, name: str) -> Row:
        looked = Scan(self._settings.health_fields)
        row: Row = {"file": name, "bytes": 0, "lines": 0, "form": "text", "ended": None}
        told = dict(row)
        try:
            with closing(_Patient(_opened(name), self._deadline)) as raw:
                self._read(raw, looked, told)
                told["ended"] = told["ended"] or raw.short()
        except (OSError, EOFError, zlib.error) as wrong:
            told["ended"] = _why(wrong)
        looked.finish()
        told["lines"] = looked.lines
        self._keep(name, looked, told["form"])
        return {**told, **_counted(looked)}

    def _read(self, raw: "_Patient", looked: Scan, told: dict[str, Any]) -> None:
        """All of a file, or what can be read of it in the time that there is."""
        stream, told["form"], narrow = _unpacked(raw)
        if narrow is None:
            told["ended"], told["form"] = f"it is {told['form']}, whose text is not looked into", "packed"
            return
        while piece := stream.read(PIECE):
            plain = narrow(piece)
            looked.feed(plain)
            told["bytes"] += len(piece)
            if b"\0" in plain:
                told["form"], told["ended"] = "binary", told["ended"] or _no_text(plain)
            if time.monotonic() > self._deadline:
                raise TimeoutError

    def _keep(self, name: str, looked: Scan, form: str) -> None:
        wide = 2 if form == "UTF-16" else 1
        for each in looked.places[: MOST - len(self._places)]:
            severity = "warning" if each.kind in CAUTION else "critical"
            column, offset = (each.column - 1) * wide + 1, each.offset * wide
            where = {"file": name, "line": each.line, "column": column, "offset": offset}
            self._places.append({"severity": severity, "kind": each.kind, **where})


class _Patient:
    """A file whose bytes are waited for until a deadline, and no longer: a pipe may be open, and silent."""

    def __init__(self, raw: IO[bytes], deadline: float) -> None:
        self._raw, self._deadline, self._read = raw, deadline, 0
        state = os.fstat(raw.fileno())
        self._size = state.st_size if stat.S_ISREG(state.st_mode) and raw is not sys.stdin.buffer else 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most so many, as soon as there are some; none at the end. Raises TimeoutError."""
        left = self._deadline - time.monotonic()
        if left <= 0 or not select.select([self._raw], [], [], left)[0]:
            raise TimeoutError
        piece = os.read(self._raw.fileno(), PIECE if size < 0 else size)
        self._read += len(piece)
        return piece

    def short(self) -> str | None:
        """Whether the file lost some of what it had when it was opened, as a log does that is emptied in its place."""
        return "it became shorter while it was read" if self._read < self._size else None

    def close(self) -> None:
        """The file is let go."""
        self._raw.close()


class _Headed:
    """A stream that gives its first bytes once more."""

    def __init__(self, stream: Any) -> None:
        self._stream, self.head = stream, b""
        # What came before the time was over is looked through; the next read says that it is.
        with suppress(TimeoutError):
            while len(self.head) < HEAD and (piece := stream.read(HEAD - len(self.head))):
                self.head += piece
        self._first = self.head

    def read(self, size: int = -1) -> bytes:
        """The next bytes, as of any stream."""
        first, self._first = self._first, b""
        if first and 0 <= size < len(first):
            first, self._first = first[:size], first[size:]
        return first or cast("bytes", self._stream.read(size))


def _opened(name: str) -> IO[bytes]:
    """A file, without waiting for who writes into it."""
    if name == STDIN:
        return sys.stdin.buffer
    return open(name, "rb", buffering=0, opener=lambda path, flags: os.open(path, flags | os.O_NONBLOCK))


def _no_text(plain: bytes) -> str | None:
    """Why a piece with zeros is no text: what is packed has all bytes, and UTF-16 zeros between its letters."""
    if (len(plain) - len(plain.translate(None, CONTROLS))) * FEWEST_CONTROLS > len(plain):
        return "it is no text; what is packed or encoded within is not seen"
    return "a part of it is UTF-16, which is not looked into" if PAIRS.search(plain) else None


def _unpacked(raw: _Patient) -> tuple[_Headed, str, Callable[[bytes], bytes] | None]:
    """A file's text as a stream, in which form it is, and what makes one byte of each of its characters."""
    stream, form = _Headed(raw), "text"
    if stream.head.startswith(GZIP):
        from gzip import GzipFile

        # One that reads whole streams, one after the other, as logs are rotated.
        stream, form = _Headed(GzipFile(fileobj=cast("IO[bytes]", stream))), "gzip"
    head = stream.head
    packed = next((says for begins, says in PACKED.items() if head.startswith(begins)), None)
    if packed:
        return stream, packed, None
    wide = _wide(head)
    if wide is not None:
        return stream, "UTF-16", _narrow(wide)
    return stream, form, bytes


def _wide(head: bytes) -> int | None:
    """Which byte of each pair is the one of ASCII, in UTF-16; None in other texts."""
    for mark, byte in WIDE.items():
        if head.startswith(mark):
            return byte
    # Letters of other scripts have no zero: half of the pairs are enough, since every blank and digit has one.
    for byte in (0, 1):
        zeros, others = head[1 - byte :: 2].count(0), head[byte::2].count(0)
        if len(head) >= FEW_WIDE and others * 8 < zeros and zeros * 4 > len(head):
            return byte
    return None


def _narrow(byte: int) -> Callable[[bytes], bytes]:
    """A function that makes one byte of each pair: that of ASCII, or one that is no letter."""
    rest = b""

    def narrow(piece: bytes) -> bytes:
        nonlocal rest
        whole = rest + piece
        even = len(whole) & ~1
        rest = whole[even:]
        low, high = whole[byte:even:2], whole[1 - byte : even : 2]
        if not any(high):
            return low
        return bytes(each if not other else 0xFF for each, other in zip(low, high, strict=True))

    return narrow


def _why(wrong: Exception) -> str:
    """Why a file could not be read to its end, in words that hold nothing of it."""
    if isinstance(wrong, TimeoutError) and not wrong.errno:
        return TIME
    if isinstance(wrong, EOFError):
        return "the packed file ends in its middle"
    return (isinstance(wrong, OSError) and wrong.strerror) or "the packed file is damaged"


def _counted(looked: Scan) -> dict[str, Any]:
    first = {each.kind: each for each in reversed(looked.places)}
    kinds = [_kind(kind, count, first.get(kind)) for kind, count in sorted(looked.counts.items())]
    return {"kinds": kinds}


def _kind(kind: str, count: int, first: Any) -> Row:
    severity = "warning" if kind in CAUTION else "critical"
    place = {"line": first.line, "column": first.column} if first else {"line": None, "column": None}
    return {"kind": kind, "severity": severity, "count": count, **place}
