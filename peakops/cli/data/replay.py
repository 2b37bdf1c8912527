"""peakops data replay: the scenario as a command that lists."""

import typer

from peakops.cli.lists import Listing
from peakops.cli.scenario_commands import scenario_command
from peakops.scenarios.data import replay

app = typer.Typer(add_completion=False, rich_markup_mode=None)

scenario_command(app, replay.SCENARIO, Listing(columns=replay.FIELDS, since="520w"))
