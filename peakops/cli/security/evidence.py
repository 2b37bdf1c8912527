"""peakops security evidence: collected into a folder, and verified there."""

from inspect import getdoc, signature
from pathlib import Path
from typing import Annotated, get_args

import typer

from peakops.cli import options
from peakops.cli.asked import asked_for
from peakops.cli.commands import Run, add
from peakops.cli.lazy import led_by
from peakops.cli.scenario_commands import scenario_command
from peakops.errors import UsageFault
from peakops.model import Report
from peakops.scenarios.arguments import IncidentSubject, Person
from peakops.scenarios.security import evidence_verify

app = typer.Typer(
    add_completion=False,
    cls=led_by("collect"),
    rich_markup_mode=None,
    help="Evidence that can be checked: collected, sealed, verified.",
)

Somebody = Annotated[str | None, get_args(Person)[1]]
"""The person, whose place --incident takes."""
To = Annotated[
    Path | None,
    typer.Option("--to", metavar="DIR", help="The folder that is made; one that is there is never written over."),
]


@app.callback()
def _group() -> None:
    """Evidence that can be checked: collected, sealed, verified."""


def collect(
    run: Run,
    user: Somebody = None,
    incident: IncidentSubject = None,
    to: To = None,
    since: options.Since = "30d",
    guide: options.Guide = False,
) -> Report:
    """
    Take evidence of a person's access into a sealed folder; 'peakops security evidence' alone does the same.

    Everything that 'security investigate' looks at: each question with its words, parameters, time and rows, and a
    time line that Timesketch imports; what could not be had is listed, and the exit code is not 0 then. Masked unless
    --reveal; secrets are never in it. The folder's digest is noted in the journal.

    Example: peakops security evidence collect owner@smilecare.example --to evidence-7
    """
    from dataclasses import replace

    from peakops import guided
    from peakops.cli.security import collecting
    from peakops.scenarios.security import evidence

    if guide:
        return guided.guide(evidence.SCENARIO, run.frame)
    if bool(user) == bool(incident) or to is None:
        says = "Evidence is taken of one person, or of whom one --incident is about, into a folder named with --to."
        raise UsageFault(says, hint=f"Run 'peakops {run.frame.command} --help'.")
    given = {"user": user} if user else {"incident": incident}
    asked_for(run.frame.command, {**given, "to": str(to)}, ())
    frame = replace(run.frame, given={**given, "to": str(to)})
    return collecting.collected(replace(run, frame=frame, since=since), given, to)


add(
    app,
    "collect",
    "security evidence",
    collect,
    list(signature(collect).parameters.values())[1:],
    getdoc(collect) or "",
    timeout="2m",
)
scenario_command(app, evidence_verify.SCENARIO)
