"""peakops payment duplicates: the scenario as a command."""

import typer

from peakops.cli.scenario_commands import scenario_command
from peakops.scenarios.payment import duplicates

app = typer.Typer(add_completion=False, rich_markup_mode=None)

scenario_command(app, duplicates.SCENARIO)
