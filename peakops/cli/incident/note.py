"""peakops incident note: a line of the time line."""

from typing import Annotated

import typer

from peakops.cli.commands import Run, command
from peakops.cli.incident import clocks
from peakops.cli.incident.shared import ID, NAMED, At, happened, ledger_of, named, written
from peakops.cli.joining import of_the_shell
from peakops.errors import UsageFault
from peakops.model import Report

app = typer.Typer(add_completion=False, rich_markup_mode=None)

Text = Annotated[str | None, typer.Argument(metavar="TEXT", show_default=False, help="What was seen, done or decided.")]
Breach = Annotated[
    bool, typer.Option("--breach-suspected", help="Begin the legal clocks of a data breach, as reminders.")
]


@command(app, "note", section="incident")
def note(run: Run, incident: ID = None, text: Text = None, at: At = None, breach_suspected: Breach = False) -> Report:
    """
    Write something down in the time line of an incident.

    What has happened earlier is given with --at; when it was recorded is kept beside it. Secrets and personal data are
    removed, and how many is told. A line is never changed: what was wrong is set right by another line.

    Example: peakops incident note INC-7 "Stripe's status page is red since 14:40." --at 20m
    """
    if text is None and incident and not NAMED.fullmatch(incident):
        incident, text = of_the_shell(), incident
    if not (text or "").strip():
        raise UsageFault("There is nothing to note.", hint="peakops incident note INC-7 'what was seen'")
    ledger, now = ledger_of(run), run.invocation.now()
    found, moment = named(ledger, incident, run), happened(at, now)
    detail = {"breach_suspected": True} if breach_suspected else {}
    event = ledger.append(found, "note", str(text).strip(), detail=detail, at=moment)
    begun = clocks.begin(ledger, found, moment or now) if breach_suspected else []
    return written(run, ledger, found, event, f"Noted in {found.number}.", left=clocks.reminders(begun, now))
