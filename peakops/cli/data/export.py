"""peakops data export: everything that is held on a person, as a folder."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, get_args

import typer

from peakops.cli import options
from peakops.cli.asked import asked_for
from peakops.cli.commands import Run, command
from peakops.errors import UsageFault
from peakops.model import Report
from peakops.scenarios.arguments import Person

app = typer.Typer(add_completion=False, rich_markup_mode=None)

Somebody = Annotated[str | None, get_args(Person)[1]]
"""The person; told by us where nobody is named."""
To = Annotated[
    Path | None,
    typer.Option("--to", metavar="DIR", help="The folder that is made; one that is there is never written over."),
]


@command(app, "export", "data", timeout="5m")
def export(run: Run, user: Somebody = None, to: To = None, guide: options.Guide = False) -> Report:
    """
    Write everything that is held on a person into a folder, with a manifest; without secrets and other people.

    Found by walking the live foreign keys and what refers without one. Not masked, and never printed: it is the
    person's own, and needs --reason, which is journalled. What was left out is listed with its ground, and so is where
    else the person is named.

    Example: peakops data export owner@smilecare.example --to export-7 --reason REQ-7
    """
    from peakops import guided
    from peakops.cli.data import exporting
    from peakops.scenarios.data.export import SCENARIO

    if guide:
        return guided.guide(SCENARIO, run.frame)
    asked_for(run.frame.command, {key: value for key, value in run.frame.given.items() if key == "user"}, ("user",))
    if to is None or not run.reason.strip():
        says = "An export hands out personal data: it needs a folder (--to) and a --reason, for the journal."
        raise UsageFault(says, hint=f"Run 'peakops {run.frame.command} --help'.")
    asked_for(run.frame.command, {"to": str(to)}, ())
    frame = replace(run.frame, given={"user": user, "to": str(to)})
    return exporting.exported(replace(run, frame=frame), str(user), to)
