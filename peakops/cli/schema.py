"""peakops schema: the JSON Schema of what a command prints with --json."""

import json
from typing import Annotated

import typer

from peakops.cli.commands import Run, command
from peakops.model import Report
from peakops.render import schema
from peakops.report import of_lines

app = typer.Typer(
    add_completion=False, rich_markup_mode=None, help="The JSON Schema of what a command prints with --json."
)

Words = Annotated[
    list[str] | None, typer.Argument(metavar="COMMAND", help="A command: payment check.", show_default=False)
]


@command(app, "schema")
def describe(run: Run, words: Words = None) -> Report:
    """
    Print the JSON Schema (2020-12) of a command's envelope; without a command, list those that have one.

    Example: peakops schema payment check
    """
    name = " ".join(words or ())
    if not name:
        known = schema.known()
        return of_lines(run.frame, list(known), {"commands": list(known)})
    document = schema.of(name)
    return of_lines(run.frame, json.dumps(document, indent=2).splitlines(), {"schema": document})
