"""peakops incident resolve: it is over."""

import typer

from peakops.cli.commands import Run, command
from peakops.cli.incident.shared import ID, At, Says, already, happened, ledger_of, named, written
from peakops.ledger import ENDS
from peakops.model import Report

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@command(app, "resolve", section="incident")
def resolve(run: Run, incident: ID = None, says: Says = "", at: At = None) -> Report:
    """
    Say that it is over: nobody is paged any more.

    It is no longer open; resolving it again changes nothing. 'peakops incident close' follows, once it is known what it
    was.

    Example: peakops incident resolve INC-7 --says "The webhook is delivered again."
    """
    ledger = ledger_of(run)
    found = named(ledger, incident, run)
    if said_before := already(run, ledger, found, ledger.events(found), ENDS):
        return said_before
    event = ledger.append(found, "resolved", says or "Resolved.", at=happened(at, run.invocation.now(), found))
    step = f"peakops incident close {found.number} --reason 'what it was'"
    return written(run, ledger, found, event, f"{found.number} is resolved.", next=(step,))
