"""peakops incident snooze: quiet for a while."""

from datetime import timedelta
from typing import Annotated

import typer

from peakops import timegrammar
from peakops.cli.commands import Run, command
from peakops.cli.incident.shared import ID, Says, clock, ledger_of, named, written
from peakops.errors import UsageFault
from peakops.model import Report

app = typer.Typer(add_completion=False, rich_markup_mode=None)

LONGEST = timegrammar.duration("12h")
"""A night: what nobody looks at for longer is no incident."""
For = Annotated[str, typer.Option("--for", metavar="DUR", help="For how long: 30m, 2h; at most 12h.")]


@command(app, "snooze", section="incident")
def snooze(run: Run, incident: ID = None, for_: For = "30m", says: Says = "") -> Report:
    """
    Page nobody for a while.

    The clock runs on: when the time is over, or the incident becomes critical, whoever should have been told by then is
    told.

    Example: peakops incident snooze INC-7 --for 1h --says "Waiting for Stripe."
    """
    try:
        seconds = timegrammar.duration(for_)
    except ValueError as wrong:
        raise UsageFault(f"--for: {wrong}.") from None
    if not 0 < seconds <= LONGEST:
        raise UsageFault("--for: at most 12h.", hint="Resolve it, or say it again then.")
    ledger = ledger_of(run)
    found = named(ledger, incident, run)
    until = run.invocation.now() + timedelta(seconds=seconds)
    said = says or f"Nobody is paged until {clock(until)}."
    event = ledger.append(found, "snoozed", said, detail={"until": until})
    return written(run, ledger, found, event, f"{found.number} pages nobody until {clock(until)}.")
