"""An entry of the journal and its place in the chain; as a line it can be written in one way only."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

FIRST = "0" * 64
"""What the first line's `prev` says."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line. `at` is RFC 3339 in UTC, `prev` the hash of the entry before; the hash is SHA-256 over the rest."""

    seq: int
    at: str
    operator: str
    kind: str
    command: str
    subject: str
    detail: dict[str, Any]
    prev: str
    hash: str

    @property
    def line(self) -> bytes:
        """The line in the file, without its end."""
        return json.dumps(vars(self)).encode()

    @property
    def time(self) -> datetime:
        """When it was written."""
        return datetime.fromisoformat(self.at)

    @property
    def mark(self) -> "Mark":
        """Its place in the chain."""
        return Mark(self.seq, self.hash)


class Mark(NamedTuple):
    """A place in the chain: the number of an entry, from 1, and its hash."""

    seq: int
    hash: str


START = Mark(0, FIRST)
"""Before the first entry."""


def sealed(before: Mark, told: dict[str, Any]) -> Entry:
    """The entry that follows a place in the chain."""
    fields = {"seq": before.seq + 1, **told, "prev": before.hash}
    return Entry(**fields, hash=hash_of(fields))


def parsed(raw: bytes) -> Entry | None:
    """The entry of a line, without its end; None unless it is, byte for byte, a line that was written whole."""
    try:
        entry = Entry(**json.loads(raw))
        fields = dict(vars(entry))
        whole = entry.line == raw and fields.pop("hash") == hash_of(fields)
        typed = type(entry.seq) is int and isinstance(entry.detail, dict) and entry.time.tzinfo is not None
    except (ValueError, TypeError, RecursionError):
        return None
    return entry if whole and typed else None


def hash_of(fields: dict[str, Any]) -> str:
    """The hash of an entry's other fields."""
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()


def digest(lines: list[bytes]) -> str:
    """The hash of lines that are no entries, by which the entry after them knows them."""
    return hashlib.sha256(b"\n".join(lines)).hexdigest()
