"""peakops case mapping: the scenario as a command that lists."""

import typer

from peakops.cli.lists import Listing
from peakops.cli.scenario_commands import scenario_command
from peakops.scenarios.case import mapping
from peakops.scenarios.case.mapping_line import FIELDS

app = typer.Typer(add_completion=False, rich_markup_mode=None)

scenario_command(app, mapping.SCENARIO, Listing(columns=FIELDS))
