"""What the commands of incidents share: how an incident is named, when something happened, and how it is told."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from peakops import journal, timegrammar
from peakops.cli.commands import Run
from peakops.cli.joining import VARIABLE
from peakops.errors import Exit, PeakopsError, UsageFault
from peakops.ledger import REF, SECONDS, Event, Incident, Ledger
from peakops.model import Report, Row, Status, placed
from peakops.report import MARGIN_SECONDS, of_lines

if TYPE_CHECKING:
    from peakops.contacts import Book

KIND = "incident"
"""The kind of the journal's lines that tell of an event: what is cut off the end of a time line shows by them."""
NAMED = re.compile(r"inc-[0-9a-z-]+|[0-9a-f-]{36}", re.ASCII | re.IGNORECASE)
"""What is an incident's name and no text of a note."""
ID = Annotated[
    str | None,
    typer.Argument(
        metavar="[ID]",
        envvar=VARIABLE,
        show_envvar=False,
        show_default=False,
        help=f"The incident: its number (INC-7) or its id; {VARIABLE} if not given.",
    ),
]
At = Annotated[
    str | None,
    typer.Option("--at", metavar="TIME", help="When it happened: 10m (ago), or RFC 3339; now if not given."),
]
Says = Annotated[str, typer.Option("--says", metavar="TEXT", help="What is known, in a sentence.")]


ONE = Annotated[
    str | None,
    typer.Argument(
        metavar="[ID]", show_default=False, help="The incident: its number (INC-7) or its id; all if not given."
    ),
]
"""Of a command that looks at all: the variable of a shell must not hide what else is open."""


def ledger_of(run: Run) -> Ledger:
    """The ledger of the environment."""
    invocation = run.invocation
    return Ledger(invocation.settings(), invocation.write_keys(), invocation.journal(), seconds=seconds_of(run))


def seconds_of(run: Run) -> float:
    """What the database may take: a prompt that gives --timeout 2s must not wait for longer."""
    return min(SECONDS, run.frame.left(run.timeout) - MARGIN_SECONDS)


def book_of(run: Run) -> "tuple[Book | None, str]":
    """Whom to call, and why that is not known."""
    from peakops import contacts

    file = run.invocation.settings().contacts
    if file is None:
        return None, "Who is told when is not known: no contacts.toml is named."
    try:
        return contacts.load(file), ""
    except PeakopsError as wrong:
        return None, f"Who is told when is not known. {wrong.says}"


def named(ledger: Ledger, incident: str | None, run: Run) -> Incident:
    """The incident that was named, or a running drill's. Raises UsageFault where none is, NotFound, and Ambiguous."""
    incident = incident or run.invocation.drilled
    if not incident:
        raise UsageFault("No incident is named.", hint=f"peakops {run.frame.command} INC-7, or set {VARIABLE}.")
    return ledger.find(incident)


def happened(at: str | None, now: datetime, of: Incident | None = None) -> datetime | None:
    """The moment that --at names; None for now. Raises UsageFault for the future, and before `of` was opened."""
    if at is None:
        return None
    try:
        moment = timegrammar.moment(at, now)
    except ValueError as wrong:
        raise UsageFault(f"--at: {wrong}.", hint="Write 10m for ten minutes ago, or 2026-11-20T14:50:00Z.") from None
    if moment > now:
        raise UsageFault(f"--at: '{at}' is in the future; an incident holds what has happened.")
    # Of an incident of which only the number is known it is not known when it was opened.
    if of and of.id != of.number and moment < of.opened_at:
        says = f"--at: '{at}' is before {of.number} was opened, at {clock(of.opened_at)}."
        raise UsageFault(
            says, hint=f"What happened before is a note: peakops incident note {of.number} 'what' --at {at}"
        )
    return moment


def row(incident: Incident) -> dict[str, Any]:
    """An incident for scripts."""
    return dict(vars(incident))


def event_row(event: Event) -> dict[str, Any]:
    """An event for scripts; what tells it from every other is of no use to them."""
    kept = {key: getattr(event, key) for key in ("seq", "at", "recorded_at", "operator", "kind", "says", "local")}
    return {**kept, "detail": {key: value for key, value in event.detail.items() if key not in (REF, "local")}}


def written(
    run: Run,
    ledger: Ledger,
    incident: Incident,
    event: Event,
    says: str,
    *,
    left: tuple[str, ...] = (),
    next: tuple[str, ...] = (),
    status: Status = Status.CHANGED,
) -> Report:
    """The report of an event that was written, once the operator's journal knows of it; `left` are steps for people."""
    unknown = _unjournalled(run, incident, event) if status is Status.CHANGED else ()
    data = {"incident": row(incident), "event": event_row(event), "removed": ledger.removed, "left": list(left)}
    lines = [f"{status.value.upper()}  {says}"]
    if event.at != event.recorded_at:
        lines.append(f"  It happened at {clock(event.at)}, and is recorded at {clock(event.recorded_at)}.")
    if ledger.removed:
        parts = "1 part was" if ledger.removed == 1 else f"{ledger.removed} parts were"
        lines.append(f"  {parts} removed or masked: an incident holds no secrets and no personal data.")
    return told(run, ledger, lines, data, left=left, next=next, unknown=unknown, status=status)


def already(
    run: Run, ledger: Ledger, incident: Incident, events: Sequence[Event], kinds: Sequence[str]
) -> Report | None:
    """The report where an event of such a kind stands in the time line: to say it again changes nothing."""
    before = next((each for each in events if each.kind in kinds), None)
    if before is None:
        return None
    says = f"{incident.number} was {before.kind} at {clock(before.at)} by {before.operator}."
    return written(run, ledger, incident, before, says, status=Status.OK)


def _unjournalled(run: Run, incident: Incident, event: Event) -> tuple[str, ...]:
    """
    Let the operator's journal know of an event; a warning where it cannot.

    The event is written by then: an error would have it written again.
    """
    env = run.frame.environment
    detail = {"environment": env, "incident": incident.id, "event": event.kind, "ref": event.detail[REF]}
    folder, now = run.invocation.journal(), run.invocation.now()
    try:
        journal.record(folder, kind=KIND, command=run.frame.command, subject=incident.number, detail=detail, now=now)
    except PeakopsError as wrong:
        return (f"It is written, and your journal does not know of it. {wrong.says}",)
    return ()


def told(
    run: Run,
    ledger: Ledger,
    lines: list[str],
    data: Row,
    *,
    left: tuple[str, ...] = (),
    next: tuple[str, ...] = (),
    unknown: tuple[str, ...] = (),
    **more: Any,
) -> Report:
    """A report with what the ledger has to warn of, what else is `unknown`, and what is left to do."""
    warnings = (*ledger.warnings, *unknown)
    every = [*lines, *(f"  {each}" for each in warnings), *(f"  ☐ {each}" for each in left)]
    typable = [placed(each, run.frame.environment, run.frame.env_file) for each in next]
    every += ["", "Next", *(f"  {each}" for each in typable)] if next else []
    return of_lines(run.frame, every, data, warnings=warnings, next=next, **more)


def known(missing: object, status: Status = Status.OK) -> dict[str, Any]:
    """How a command ends that tells what is: what is not known in full is never fine."""
    return {"status": Status.UNKNOWN, "exit_code": Exit.UNKNOWN} if missing else {"status": status}


def count_of(number: int, missing: str, critical: int = 0) -> str:
    """How many incidents are open, as a sentence."""
    if missing:
        return f"What is open is not known in full; of {number} it is known."
    told = f"{number or 'No'} {'incidents are' if number > 1 else 'incident is'} open"
    return f"{told}{f', {critical} of them critical' if critical else ''}."


def clock(at: datetime) -> str:
    """A moment as a page tells it."""
    return f"{at:%d %b %H:%M:%S} UTC"
