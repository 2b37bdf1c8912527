"""peakops payment events: the scenario as a command that lists."""

import typer

from peakops.cli.lists import Listing
from peakops.cli.scenario_commands import scenario_command
from peakops.scenarios.payment import events
from peakops.scenarios.payment.events_line import FIELDS

app = typer.Typer(add_completion=False, rich_markup_mode=None)

scenario_command(app, events.SCENARIO, Listing(columns=FIELDS, limit="500", newest=True))
