"""peakops payment check: the scenario as a command."""

import typer

from peakops.cli.scenario_commands import scenario_command
from peakops.scenarios.payment import check

app = typer.Typer(add_completion=False, rich_markup_mode=None)

scenario_command(app, check.SCENARIO)
