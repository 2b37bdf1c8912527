"""peakops perf query: the scenario as a command."""

from typing import Annotated

import typer

from peakops.cli.perf.statements import QueryId, StatementFile, claims_of, text_of
from peakops.cli.scenario_commands import scenario_command
from peakops.model import Row
from peakops.scenarios.perf import query

app = typer.Typer(add_completion=False, rich_markup_mode=None)

AsRole = Annotated[str, typer.Option("--as", metavar="ROLE", help="The role of the portal's people.")]
Claims = Annotated[
    str | None,
    typer.Option(
        "--claims",
        metavar="CLAIMS",
        help="Who it is, for the policies: sub=UUID, @FILE with the claims as JSON, or the JSON.",
    ),
]
Values = Annotated[
    list[str] | None,
    typer.Option(
        "--param",
        metavar="VALUE",
        help="The value of $1, then of $2, and so on: one each, or none.",
        show_default=False,
    ),
]
Analyze = Annotated[
    bool,
    typer.Option("--analyze", help="Carry it out, read only, for at most 10 s, and measure: its functions run too."),
]


def asks(
    queryid: QueryId = None,
    file: StatementFile = None,
    role: AsRole = "authenticated",
    claims: Claims = None,
    param: Values = None,
    analyze: Analyze = False,
) -> Row:
    """What the scenario is told, from what is typed."""
    text = text_of(queryid, file, query.SCENARIO.command, needed=True)
    said, sub = claims_of(claims, role)
    told = {"id": queryid, "text": text, "role": role, "claims": said, "sub": sub}
    return {**told, "values": tuple(param or ()), "analyze": analyze}


scenario_command(app, query.SCENARIO, asks=asks)
