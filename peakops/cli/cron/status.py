"""peakops cron status: what ran by itself, and what did not."""

from typing import Annotated

import typer

from peakops.cli.cron.named import job
from peakops.cli.lists import Listing
from peakops.cli.scenario_commands import scenario_command
from peakops.model import Row
from peakops.scenarios.cron import status

app = typer.Typer(add_completion=False, rich_markup_mode=None)

Jobs = Annotated[
    list[str] | None,
    typer.Argument(metavar="[JOB]...", parser=job, help="Only these: 'escalation tick', sweep, …", show_default=False),
]


def asks(jobs: Jobs = None) -> Row:
    """What the scenario is told: the jobs that were named, or all."""
    return {"names": tuple(jobs or ())}


scenario_command(app, status.SCENARIO, Listing(columns=status.FIELDS), asks)
