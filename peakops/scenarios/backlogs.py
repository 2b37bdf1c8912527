"""What every backlog has: its subjects, each with the answers that the check of one of them would get. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peakops.model import Brought
from peakops.scenario import Row

Stream = Callable[[str, str, dict[str, Any]], Iterator[Any]]
"""A source's call whose answer comes bit by bit: stream("database", "stream", {"query": …})."""
Read = Callable[[str, str, dict[str, Any]], Brought]


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One thing that gets a verdict."""

    id: str
    name: str
    """What people type, and a command finds it by: CASE-1042."""
    practice: str
    at: datetime
    """What puts it into the window."""
    looks: Mapping[str, Row | list[Row] | Brought | Exception | None]
    """
    The answers to the check's looks by name: a row or None of a look for one thing, else rows, or an error.

    `Brought` is an answer with its notes.
    """
