"""The command of a scenario, taken apart: its work and what was typed for it, carried out for somebody else."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import typer.main

from peakops import timegrammar
from peakops.cli import keeping
from peakops.cli.commands import TAKEN, UNSAID, Run
from peakops.cli.invocation import Invocation, was_typed
from peakops.cli.lists import TIME_LIMIT
from peakops.errors import UsageFault
from peakops.model import Report, Row
from peakops.settings import Settings

if TYPE_CHECKING:
    from peakops.sources import Sources

NEGATIVE = re.compile(r"-\d+")
"""A value that looks like an option: the number of a statement may be one."""
ASIDE = ("guide", "say", *(name for name, _, _ in (*keeping.KEEPING, *keeping.UNTIL)), *keeping.DRAWS)
"""What a scenario's command can do besides; a run has answers to ask for, and does none of it."""


class Unseen:
    """A list's way out that shows nothing: the rows are in the report's data."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.told: Callable[[], None] = lambda: None
        self.untold: Callable[[], None] = lambda: None

    @property
    def full(self) -> bool:
        """Nothing is shown, so that nothing is too much."""
        return False

    def emit(self, row: Row) -> None:
        """The row is in the report."""

    def skip(self, rows: int) -> None:
        """None of them is shown."""


@dataclass(frozen=True, kw_only=True)
class Guarded(Run):
    """A run that is stopped, if it is, where it begins to look: whatever was typed wrongly is told before."""

    able: Callable[[], None]

    def sources(self, settings: Settings, deadline: float) -> "Sources":
        """The readers. Raises what `able` raises."""
        self.able()
        return super().sources(settings, deadline)


@dataclass(kw_only=True)
class Taken:
    """A command's work, its own arguments, and the shared options as they were typed for it."""

    command: str
    work: Callable[..., Report] = field(init=False)
    values: dict[str, Any] = field(init=False)
    shared: dict[str, Any] = field(init=False)

    def take(self, work: Callable[..., Report], values: dict[str, Any], shared: dict[str, Any]) -> None:
        """What the command hands over."""
        self.work, self.values, self.shared = work, values, shared

    @property
    def given(self) -> dict[str, Any]:
        """What a report may repeat of what was typed."""
        return {key.rstrip("_"): each for key, each in self.values.items() if key not in UNSAID and each is not None}

    @property
    def subject(self) -> str:
        """What it looks at; empty where it looks at everything."""
        return next((each for each in self.given.values() if isinstance(each, str)), "")

    def report(self, run: Run, able: Callable[[], None]) -> Report:
        """
        Look at everything at once and judge it, as the command itself does; `able` is asked before the first look.

        Raises PeakopsError.
        """
        rest: dict[str, Any] = {key: self.shared[key] for key in ("since", "until") if key in self.shared}
        stream = Unseen(self.shared["limit"]) if "limit" in self.shared else None
        untold = run.timeout == timegrammar.duration(TIME_LIMIT)
        seconds = self.shared["timeout"] if untold else run.timeout
        frame = replace(run.frame, command=self.command, given=self.given)
        told: dict[str, Any] = {**vars(run), "frame": frame, "timeout": seconds, "stream": stream, **rest}
        return self.work(Guarded(**told, able=able), **self.values)


def taken(command: str, arguments: Sequence[str], invocation: Invocation) -> Taken:
    """The work of a command with what was typed for it. Raises UsageFault."""
    from peakops.cli.root import app

    node: Any = typer.main.get_command(app)
    for word in command.split():
        node = node.get_command(None, word)
    one = Taken(command=command)
    try:
        context = node.make_context(f"peakops {command}", list(arguments), obj=invocation)
    except typer._click.exceptions.ClickException as wrong:
        says = " ".join(wrong.format_message().split())
        negative = next((each for each in arguments if NEGATIVE.fullmatch(each)), "")
        hint = f"A number below zero stands behind -- twice: -- -- {negative}" if negative else ""
        raise UsageFault(says, hint=hint or f"Run 'peakops {command} --help'.") from None
    _looks_only(command, context)
    context.meta[TAKEN] = one.take
    with context:
        getattr(node, "real", node).invoke(context)
    return one


def _looks_only(command: str, context: Any) -> None:
    """Whether nothing was typed that does more than look. Raises UsageFault."""
    besides = (*ASIDE, *keeping.INSTEAD.get(command, ()))
    typed = next((each for each in context.params if each in besides and was_typed(context, each)), None)
    if typed:
        option = next(each.opts[0] for each in context.command.params if each.name == typed)
        says = f"A run of the playbook has no {option}."
        raise UsageFault(says, hint=f"Run 'peakops {command}' with it.")
