"""peakops data scan: the scenario as a command that lists."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from peakops.cli.lists import Listing
from peakops.cli.scenario_commands import scenario_command
from peakops.errors import BadInput, UsageFault
from peakops.model import Row
from peakops.scenarios.data import scan

app = typer.Typer(add_completion=False, rich_markup_mode=None)

Files = Annotated[
    list[str] | None,
    typer.Argument(metavar="FILE...", help="Files of text, also gzipped; - is stdin.", show_default=False),
]


def asks(files: Files = None) -> Row:
    """What the scenario is told: files that can be opened. Raises UsageFault, BadInput."""
    hint = f"Run 'peakops {scan.SCENARIO.command} --help'."
    if not files or not all(files):
        raise UsageFault(f"'peakops {scan.SCENARIO.command}' needs files to look through.", hint=hint)
    for each in files:
        _readable(each)
    return {"files": tuple(dict.fromkeys(files))}


def _readable(name: str) -> None:
    if name == "-":
        if sys.stdin is None or sys.stdin.closed:
            raise BadInput("There is no stdin to read.", hint="Name a file, or pipe into it.")
        return
    try:
        if Path(name).is_dir():
            raise BadInput(f"{name} is a folder, and no file.", hint=f"Name what is in it: {name}/*")
        # A pipe that is opened and let go again breaks for who writes into it.
        if Path(name).is_fifo() and os.access(name, os.R_OK):
            return
        Path(name).open("rb").close()
    except (OSError, ValueError) as wrong:
        reason = (isinstance(wrong, OSError) and wrong.strerror) or "it is no name of a file"
        raise BadInput(f"{name} cannot be read: {reason}.", hint="Nothing was scanned.") from None


scenario_command(app, scan.SCENARIO, Listing(columns=scan.FIELDS, limit="50", timeout="15m"), asks)
