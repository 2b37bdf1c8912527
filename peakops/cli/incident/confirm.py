"""peakops incident confirm: whose part it is."""

from typing import Annotated

import typer

from peakops.cli.commands import Run, command
from peakops.cli.incident.shared import ID, At, Says, happened, ledger_of, named, written
from peakops.cli.incident.standing import stands
from peakops.errors import UsageFault
from peakops.model import Report

app = typer.Typer(add_completion=False, rich_markup_mode=None)

Component = Annotated[
    str | None,
    typer.Option("--component", metavar="NAME", help="Of contacts.toml: stripe, supabase, vercel.", show_default=False),
]


@command(app, "confirm", section="incident")
def confirm(run: Run, incident: ID = None, component: Component = None, says: Says = "", at: At = None) -> Report:
    """
    Confirm which vendor's part it is, so that its support may be told.

    The playbook calls external support for critical issues alone; somebody must have made sure that it is theirs.

    Example: peakops incident confirm INC-7 --component stripe
    """
    if not component:
        raise UsageFault("--component is missing.", hint="peakops incident confirm INC-7 --component stripe")
    ledger = ledger_of(run)
    found = named(ledger, incident, run)
    said = says or f"Confirmed: it is {component}'s part."
    moment = happened(at, run.invocation.now(), found)
    mild = stands(found, ledger.events(found))["severity"] != "critical"
    event = ledger.append(found, "confirmed", said, detail={"component": component.lower()}, at=moment)
    left = ("It is a warning, and vendors are told of what is critical alone.",) if mild else ()
    next = (f"peakops incident severity {found.number} --to critical",) if mild else ("peakops escalation show",)
    return written(run, ledger, found, event, f"{found.number} is confirmed as {component}'s.", left=left, next=next)
