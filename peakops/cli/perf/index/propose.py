"""peakops perf index propose: the scenario as a command that lists."""

from typing import Annotated

import typer

from peakops.cli.lists import Listing
from peakops.cli.perf.statements import QueryId, StatementFile, text_of
from peakops.cli.scenario_commands import scenario_command
from peakops.model import Row
from peakops.scenarios.perf import index_propose
from peakops.scenarios.perf.proposals import FIELDS

app = typer.Typer(add_completion=False, rich_markup_mode=None)

AsRole = Annotated[
    str | None,
    typer.Option("--as", metavar="ROLE", help="With the policies of this role; else past row-level security."),
]


def asks(queryid: QueryId = None, file: StatementFile = None, role: AsRole = None) -> Row:
    """What the scenario is told, from what is typed."""
    text = text_of(queryid, file, index_propose.SCENARIO.command, needed=False)
    return {"id": queryid, "text": text, "role": role}


scenario_command(app, index_propose.SCENARIO, Listing(columns=FIELDS), asks)
