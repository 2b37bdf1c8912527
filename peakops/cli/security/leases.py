"""peakops security leases: what must be taken back, and with --sweep what is due is."""

from dataclasses import replace
from typing import Annotated

import typer

from peakops import report
from peakops.cli import options
from peakops.cli.commands import Run, list_command
from peakops.cli.lists import Listing
from peakops.cli.scenario_commands import investigated
from peakops.errors import UsageFault
from peakops.model import Report
from peakops.networks import same
from peakops.scenarios.security.leases import FIELDS

app = typer.Typer(add_completion=False, rich_markup_mode=None)

COLUMNS = (*FIELDS, "result", "error")
Subject = Annotated[
    str | None,
    typer.Argument(metavar="[SUBJECT]", help="Only the leases of this network or rule.", show_default=False),
]
Sweep = Annotated[bool, typer.Option("--sweep", help="Take back what is due, without asking; for cron.")]


@list_command(app, "leases", "security", Listing(columns=COLUMNS, timeout="15m"))
def leases(
    run: Run,
    subject: Subject = None,
    sweep: Sweep = False,
    dry_run: options.DryRun = False,
    guide: options.Guide = False,
) -> Report:
    """
    List what must be taken back, and with --sweep take back what is due; for cron.

    A lease was confirmed when it was made, its end too: the sweep asks nothing. What somebody has changed since is left
    as it is, and told (1); a lease that cannot be taken back does not stop the others (11). No lease is made while no
    sweep has run within two hours.

    Example: peakops security leases --sweep
    """
    from peakops import guided
    from peakops.scenarios.security.leases import SCENARIO

    if guide:
        return guided.guide(SCENARIO, run.frame)
    if not sweep and dry_run:
        raise UsageFault("--dry-run goes with --sweep.", hint="Add --sweep, or leave it out.")
    if sweep and subject:
        raise UsageFault("--sweep takes back everything that is due.", hint="Leave the subject out, or --sweep.")
    if sweep:
        from peakops.cli.security import sweeping

        return sweeping.Sweep(run).run(dry_run=dry_run)
    seconds = report.seconds_for_looks(run.frame.left(run.timeout))
    found = investigated(SCENARIO, run, replace(run.frame, given={}), run.invocation.settings(), seconds)
    for each in found.data.get("items", ()):
        if subject in (None, each["subject"]) or same(subject, each["subject"]):
            run.emit(each)
    return replace(found, given=run.frame.given)
