"""peakops data log: the scenario as a command that lists."""

import typer

from peakops.cli.lists import Listing
from peakops.cli.scenario_commands import scenario_command
from peakops.scenarios.data import erasures, log

app = typer.Typer(add_completion=False, rich_markup_mode=None)

scenario_command(app, log.SCENARIO, Listing(columns=erasures.FIELDS, since="520w"))
