"""peakops incident list: the incidents as a list."""

from typing import Annotated

import typer

from peakops.cli.commands import Run, list_command
from peakops.cli.incident.shared import clock, known, ledger_of, row, told
from peakops.cli.incident.standing import stands
from peakops.cli.lists import Listing
from peakops.model import Report

app = typer.Typer(add_completion=False, rich_markup_mode=None)

COLUMNS = ("number", "id", "subject", "severity", "state", "opened_at", "opened_by", "acked_by", "local")
All = Annotated[bool, typer.Option("--all", help="Those that are resolved or closed, too.")]


@list_command(app, "list", "incident", Listing(columns=COLUMNS, limit="50"))
def list_(run: Run, all_: All = False) -> Report:
    """
    List the open incidents, or all.

    The last opened comes first. Those that are kept on this machine alone are marked so.
    Ends with 3 where the team's incidents could not be read.

    Example: peakops incident list --all
    """
    ledger = ledger_of(run)
    found = ledger.all(open_only=not all_)
    events = ledger.events_of(found)
    for each in found:
        standing = stands(each, events[each.id])
        kept = "  on this machine alone" if each.local else ""
        says = (
            f"{each.number}  {standing['severity']}  {standing['state']}  {each.subject}  {clock(each.opened_at)}{kept}"
        )
        chosen = {key: standing[key] for key in ("severity", "state", "acked_by")}
        run.emit({**row(each), **chosen, "says": says})
    count = f"{len(found)} {'incident' if len(found) == 1 else 'incidents'}{'' if all_ else ' open'}."
    return told(run, ledger, [count], {}, **known(ledger.missing))
