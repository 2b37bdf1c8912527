"""peakops security blocks: the scenario as a command that lists."""

from dataclasses import replace

import typer

from peakops import report
from peakops.cli import options
from peakops.cli.commands import Run, list_command
from peakops.cli.lists import Listing
from peakops.cli.scenario_commands import investigated
from peakops.model import Report
from peakops.scenarios.arguments import OneNetwork
from peakops.scenarios.security.blocks import FIELDS

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@list_command(app, "blocks", "security", Listing(columns=FIELDS))
def blocks(run: Run, network: OneNetwork = None, guide: options.Guide = False) -> Report:
    """
    List what Vercel's firewall blocks, who asked for it, and until when.

    Vercel's blocks never end by themselves: one without a lease stays until somebody takes it back, and is named. With
    a network only the entries that touch it are listed; the verdict is of all of them.

    Example: peakops security blocks
    """
    from peakops import guided
    from peakops.scenarios.security.blocks import SCENARIO, about

    if guide:
        return guided.guide(SCENARIO, run.frame)
    seconds = report.seconds_for_looks(run.frame.left(run.timeout))
    found = investigated(SCENARIO, run, replace(run.frame, given={}), run.invocation.settings(), seconds)
    items = list(found.data.get("items", ()))
    for each in about(items, network) if network else items:
        run.emit(each)
    return replace(found, given=run.frame.given)
