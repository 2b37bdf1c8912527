"""peakops payment webhooks: the scenario as a command that lists."""

import typer

from peakops.cli.lists import Listing
from peakops.cli.scenario_commands import scenario_command
from peakops.scenarios.payment import webhooks
from peakops.scenarios.payment.events_line import FIELDS

app = typer.Typer(add_completion=False, rich_markup_mode=None)

scenario_command(app, webhooks.SCENARIO, Listing(columns=FIELDS, limit="200", since="24h"))
