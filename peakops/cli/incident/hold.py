"""peakops incident hold: legal holds, placed, lifted and listed."""

from typing import Annotated

import typer

from peakops import journal
from peakops.cli.commands import Run, command
from peakops.cli.incident.shared import clock, seconds_of
from peakops.errors import PeakopsError, UsageFault
from peakops.ledger import Ambiguous
from peakops.ledger.holds import Holds, subject_of
from peakops.ledger.team import Team
from peakops.model import Report, Row, Status
from peakops.report import of_lines

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Legal holds: what must not be deleted until somebody says so.",
)


@app.callback()
def _group() -> None:
    """Legal holds: what must not be deleted until somebody says so."""


Subject = Annotated[
    str | None,
    typer.Argument(
        metavar="SUBJECT", show_default=False, help="user:ID (or the id alone), practice:ID, or table:SCHEMA.TABLE."
    ),
]
Of = Annotated[
    str | None,
    typer.Option("--of", metavar="TEXT", show_default=False, help="Which hold, where several stand: its own reason."),
]


@command(app, "place", section="incident hold")
def place(run: Run, subject: Subject = None) -> Report:
    """
    Place a legal hold: nothing of the subject is deleted by 'peakops data delete' while it stands.

    --reason is needed, and is kept with it; for another reason another hold is placed, and each is lifted by itself. It
    is written to Postgres alone: a hold that only this machine knew would hold nothing. What is deleted by other means
    is not held.

    Example: peakops incident hold place practice:22222222-2222-4222-8222-000000000001 --reason "Dispute 2026-118"
    """
    held = _asked(run, subject)
    if not _holds(run).place(held, run.reason.strip()):
        return _told(run, held, f"A hold stands on {held} already for this reason.", Status.OK)
    # It stands by now: an error would have it taken for one that does not.
    unknown = ""
    try:
        _journal(run, held, "hold_placed", {"reason": run.reason})
    except PeakopsError as wrong:
        unknown = f"Your journal does not know of it. {wrong.says}"
    return _told(run, held, f"A hold stands on {held}.", Status.CHANGED, *([unknown] if unknown else []))


@command(app, "lift", section="incident hold")
def lift(run: Run, subject: Subject = None, of: Of = None) -> Report:
    """
    Lift the legal hold on a subject; the row stays, with when it was lifted.

    --reason is needed: who decided it. It stands in the journal of whoever lifts it, and is written there first. Where
    several stand on the subject, --of names the one by the reason that it was placed for.

    Example: peakops incident hold lift practice:22222222-2222-4222-8222-000000000001 --reason "Settled, says counsel"
    """
    held, holds = _asked(run, subject), _holds(run)
    stand = holds.on(held)
    meant = [each["reason"] for each in stand if of in (None, each["reason"])]
    if len(set(meant)) > 1 or (stand and not meant):
        reasons = "; ".join(f"'{each['reason']}'" for each in stand)
        says = f"{_count(len(stand))} on {held}, placed for: {reasons}."
        raise Ambiguous(says, hint=f"peakops incident hold lift {held} --of 'what it was placed for' --reason 'why'")
    if not meant:
        return _told(run, held, f"No hold stands on {held}.", Status.OK)
    _journal(run, held, "hold_lifted", {"reason": run.reason, "of": meant[0]})
    holds.lift(held, meant[0])
    left = holds.on(held)
    says = f"{_count(len(left))} on {held} still." if left else f"No hold stands on {held} any more."
    return _told(run, held, says, Status.CHANGED)


@command(app, "list", section="incident hold")
def list_(run: Run) -> Report:
    """
    List the legal holds that stand.

    Example: peakops incident hold list
    """
    rows = [dict(each) for each in _holds(run).all()]
    return of_lines(run.frame, [f"{_count(len(rows))}.", *map(_line, rows)], {"holds": rows})


def _holds(run: Run) -> Holds:
    of = run.invocation
    return Holds(Team(of.settings(), of.write_keys(), of.journal(), seconds_of(run)))


def _count(number: int) -> str:
    return f"{number or 'No'} {'hold stands' if number < 2 else 'holds stand'}"


def _asked(run: Run, subject: str | None) -> str:
    """The subject. Raises UsageFault without one, or without a reason, and BadInput."""
    if not subject or not run.reason.strip():
        lacking = "SUBJECT" if not subject else "--reason"
        raise UsageFault(f"{lacking} is missing.", hint=f"peakops {run.frame.command} user:ID --reason 'why'")
    return subject_of(subject)


def _told(run: Run, subject: str, says: str, status: Status, *warnings: str) -> Report:
    lines = [f"{status.value.upper()}  {says}", *(f"  {each}" for each in warnings)]
    return of_lines(run.frame, lines, {"subject": subject}, status=status, warnings=warnings)


def _journal(run: Run, subject: str, kind: str, detail: Row) -> None:
    """What is changed is in the journal of whoever does it, with the reason. Raises NotConfigured."""
    folder, now = run.invocation.journal(), run.invocation.now()
    told = {**detail, "environment": run.frame.environment}
    journal.record(folder, kind=kind, command=run.frame.command, subject=subject, detail=told, now=now)


def _line(row: Row) -> str:
    return f"  {row['subject']}  since {clock(row['placed_at'])}  by {row['placed_by']}: {row['reason']}"
