"""What the commands of a drill share: that it is the sandbox's, its incident, and the matrix that runs beside it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from peakops import contacts, drilled, escalation, sandbox
from peakops.cli.commands import Run
from peakops.cli.sandboxed import SANDBOX
from peakops.errors import NotFound, PeakopsError, UsageFault
from peakops.ledger import Event, Incident, Ledger
from peakops.settings import state_home


@dataclass(frozen=True, kw_only=True)
class Drill:
    """The drill that runs."""

    name: str
    said: dict[str, Any]
    """The drill as it is written down: what the customer says, and what is right."""
    incident: Incident
    events: list[Event]
    now: datetime
    book: contacts.Book | None
    """None where the contacts cannot be read; `warnings` says why."""
    warnings: tuple[str, ...]

    @property
    def tiers(self) -> tuple[tuple[int, datetime], ...]:
        """When the time of each tier comes that hears of this incident by itself."""
        if self.book is None:
            return ()
        heard = {
            each.n
            for each in self.book.tiers
            if each.mode == escalation.AUTO and each.severity in ("warning", self.incident.severity)
        }
        starts = escalation.starts(self.book.tiers, self.incident.opened_at)
        return tuple((n, at) for n, at in starts if n in heard)

    @property
    def task(self) -> drilled.Task:
        """What is right in it."""
        return drilled.task(self.said)

    @property
    def steps(self) -> list[drilled.Step]:
        """What was done so far."""
        return drilled.steps(self.events, self.task, self.tiers)


def in_sandbox(run: Run) -> Run:
    """The run, in the sandbox. Raises UsageFault where another environment was named: a drill is for none."""
    if run.invocation.environment not in (None, SANDBOX):
        says = f"A drill is in the sandbox alone, and never in '{run.invocation.environment}'."
        raise UsageFault(says, hint=f"peakops --sandbox {run.frame.command}")
    frame = replace(run.frame, environment=SANDBOX)
    return replace(run, frame=frame, invocation=replace(run.invocation, environment=SANDBOX))


def left() -> dict[str, Any] | None:
    """What is written down of the drill that runs; a sandbox that was killed is brought up again, and it with it."""
    home = state_home()
    if sandbox.drill(home) is None:
        return None
    sandbox.ensure(home)
    return sandbox.drill(home)


def ledger_of(run: Run) -> Ledger:
    """The sandbox's incidents."""
    invocation = run.invocation
    return Ledger(invocation.settings(), invocation.write_keys(), invocation.journal())


def running(run: Run) -> Drill:
    """The drill that runs. Raises NotFound where none does."""
    noted = left()
    if noted is None:
        raise NotFound("No drill runs.", hint="peakops drill start random", code="drill.none")
    ledger, settings = ledger_of(run), run.invocation.settings()
    incident = ledger.find(str(noted["incident"]))
    book, wrong = None, ""
    try:
        book = contacts.load(settings.contacts) if settings.contacts else None
    except PeakopsError as error:
        wrong = f"The matrix is not known. {error.says}"
    return Drill(
        name=str(noted["name"]),
        said=sandbox.drill_named(str(noted["name"]))[1],
        incident=incident,
        events=ledger.events(incident),
        now=settings.now(),
        book=book,
        warnings=(*ledger.warnings, *filter(None, (wrong,))),
    )


def table(taken: list[drilled.Step]) -> list[str]:
    """The operator's steps as lines."""
    marks = {"found": "the verdict", "fixed": "the remedy", "harm": "HARM", "wrong": "led nowhere"}
    return [
        f"  {drilled.lasted(each.after_s):>11}  tier {each.tier}  {each.what}"
        f"{f'  [{each.verdict}]' * bool(each.verdict)}{f'  {marks[each.counts]}' if each.counts else ''}"
        for each in taken
    ]


def row(step: drilled.Step) -> dict[str, Any]:
    """A step for scripts."""
    return dict(vars(step))
