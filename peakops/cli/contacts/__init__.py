"""peakops contacts: whom to call, shown and checked."""

from typing import Annotated

import typer

from peakops.cli.contacts import show
from peakops.cli.lazy import led_by
from peakops.cli.scenario_commands import scenario_command
from peakops.model import Row
from peakops.scenarios.contacts import check

app = typer.Typer(
    add_completion=False,
    cls=led_by("show"),
    rich_markup_mode=None,
    help="Whom to call: people and vendors, and whether somebody is always there.",
)


Probe = Annotated[
    bool | None,
    typer.Option(
        "--probe",
        show_default=False,
        help="Ask the mail domains and web sites in the file whether they answer; nobody is written to.",
    ),
]


@app.callback()
def _group() -> None:
    """Whom to call: people and vendors, and whether somebody is always there."""


def _asks(probe: Probe = None) -> Row:
    return {"probe": bool(probe)}


show.make(app)
scenario_command(app, check.SCENARIO, asks=_asks)
