"""peakops incident open: an incident begins."""

from typing import Annotated, Literal

import typer

from peakops.cli.commands import Run, command
from peakops.cli.incident import clocks
from peakops.cli.incident.shared import At, Says, happened, ledger_of, written
from peakops.cli.joining import VARIABLE
from peakops.errors import UsageFault
from peakops.ledger import Incident, Ledger, subject_of
from peakops.model import Report

app = typer.Typer(add_completion=False, rich_markup_mode=None)

Subject = Annotated[
    str | None,
    typer.Argument(
        metavar="SUBJECT",
        show_default=False,
        help="What it is about: an invoice's number, a system, the id of a person; no e-mail address.",
    ),
]
Severity = Annotated[
    Literal["warning", "critical"] | None,
    typer.Option("--severity", help="How bad it is; vendors are only told of what is critical."),
]
Breach = Annotated[
    bool, typer.Option("--breach-suspected", help="Begin the legal clocks of a data breach, as reminders.")
]


@command(app, "open", section="incident")
def open_(
    run: Run,
    subject: Subject = None,
    severity: Severity = None,
    says: Says = "",
    at: At = None,
    breach_suspected: Breach = False,
) -> Report:
    """
    Open an incident: its number, and the clock of the escalation, begin.

    It is the team's own record: nothing of the portal is changed, so that nothing is confirmed. Without write access,
    or while the database is down, it is kept on this machine under a number INC-L-…, and merged by the next command
    that can write. Secrets and personal data are removed; a person is named by their id.

    Example: peakops incident open INV-2024-0117 --severity critical --says "Paid twice, and not booked."
    """
    if not subject or not severity:
        lacking = "SUBJECT" if not subject else "--severity"
        raise UsageFault(f"{lacking} is missing.", hint="peakops incident open INV-2024-0117 --severity warning")
    subject_of(subject)
    ledger, now = ledger_of(run), run.invocation.now()
    moment = happened(at, now)
    detail = {"breach_suspected": True} if breach_suspected else {}
    made = ledger.open(subject, severity, says or f"{subject}: {severity}.", at=moment, detail=detail)
    begun = clocks.begin(ledger, made, moment or now) if breach_suspected else []
    steps = (f"export {VARIABLE}={made.number}", f"peakops incident status {made.number}")
    says = f"{made.number} is open: {severity}, {made.subject}."
    left = (*_twins(ledger, made), *clocks.reminders(begun, now))
    assert ledger.begun, "what was opened has its first event"
    return written(run, ledger, made, ledger.begun, says, left=left, next=steps)


def _twins(ledger: Ledger, made: Incident) -> tuple[str, ...]:
    """What is open about the same already: one of them is enough."""
    others = [each.number for each in ledger.all() if each.subject == made.subject and each.number != made.number]
    return (f"{', '.join(others)} is open for the same subject, too: keep one.",) if others else ()
