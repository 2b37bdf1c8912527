"""What a command that lists has besides the others' options: its window, its limit, and its forms."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import typer

from peakops.cli import options
from peakops.cli.invocation import was_typed
from peakops.errors import UsageFault
from peakops.model import Row

Option = tuple[str, Any, Any]
"""The name of an option's value, its annotation, and its default."""
FORMS = ("json", "jsonl", "csv")
TIME_LIMIT = "30s"


class Rows(Protocol):
    """Where the rows of a list go: out of the house by a Stream, or to a sweep that hands them on."""

    limit: int
    told: Callable[[], None]
    untold: Callable[[], None]

    @property
    def full(self) -> bool:
        """Whether the next row would not be shown any more."""

    def emit(self, row: Row) -> None:
        """Let one row out."""

    def skip(self, rows: int) -> None:
        """Count rows that are not shown."""


@dataclass(frozen=True, kw_only=True)
class Listing:
    """How a list command lists: the fields of its rows, how many at most, and since when where it has a window."""

    columns: tuple[str, ...]
    """The header of its CSV."""
    limit: str = "all"
    since: str | None = None
    """The default of --since; None for a list without a window."""
    timeout: str = TIME_LIMIT
    rows: str = "item"
    """What a row is in its JSON lines."""
    newest: bool = False
    """Whether the limit keeps the last rows, as of a time line."""

    def options(self, shared: tuple[Option, ...]) -> tuple[Option, ...]:
        """A list's options, and those that all commands share."""
        window = (("since", options.Since, self.since), ("until", options.Until, None)) if self.since else ()
        own = (("limit", options.Limit, self.limit), ("jsonl", options.JsonLines, False), ("csv", options.Csv, False))
        return (*window, *own, *within(self.timeout, shared))


def within(timeout: str, shared: tuple[Option, ...]) -> tuple[Option, ...]:
    """The shared options with another default of --timeout."""
    return tuple((name, kind, timeout if name == "timeout" else default) for name, kind, default in shared)


def form(ctx: typer.Context, shared: dict[str, Any]) -> dict[str, bool]:
    """The one form that is asked for; a typed one outranks those that are variables. Raises UsageFault for two."""
    asked = [each for each in FORMS if shared.get(each)]
    wanted = [each for each in asked if was_typed(ctx, each)] or asked
    if len(wanted) > 1:
        raise UsageFault(f"--{wanted[0]} and --{wanted[1]} exclude one another.", hint="Keep one of them.")
    return {each: each in wanted for each in FORMS}
