"""peakops incident close: it is over, and known what it was."""

import typer

from peakops import playbook
from peakops.cli.commands import Run, command
from peakops.cli.incident import clocks
from peakops.cli.incident.shared import ID, At, already, happened, ledger_of, named, written
from peakops.errors import UsageFault
from peakops.model import Report

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@command(app, "close", section="incident")
def close(run: Run, incident: ID = None, at: At = None) -> Report:
    """
    Close an incident with its reason, and list what is left to do.

    --reason is needed: what it was. Closing it again changes nothing. Legal clocks run on: they are listed once more.

    Example: peakops incident close INC-7 --reason "A webhook's secret had been rotated on one side only."
    """
    if not run.reason.strip():
        hint = "peakops incident close INC-7 --reason 'what it was'"
        raise UsageFault("An incident is closed with --reason: what it was.", hint=hint)
    ledger, now = ledger_of(run), run.invocation.now()
    found = named(ledger, incident, run)
    events = ledger.events(found)
    if said_before := already(run, ledger, found, events, ("closed",)):
        return said_before
    event = ledger.append(found, "closed", run.reason.strip(), at=happened(at, now, found))
    left = (*playbook.words("incident")["close"]["steps"], *clocks.reminders(events, now))
    step = f"peakops incident report {found.number} -o {found.number}.html"
    return written(run, ledger, found, event, f"{found.number} is closed.", left=left, next=(step,))
