"""peakops security investigate: the scenario as a command, of a stretch of time."""

import inspect
from dataclasses import replace
from typing import Annotated, get_args

import typer

from peakops.cli import options
from peakops.cli.answers import answered
from peakops.cli.asked import asked_for
from peakops.cli.commands import Run, command
from peakops.model import Report
from peakops.scenarios.arguments import Person, PivotAddress, PivotSession
from peakops.scenarios.security import investigate as scenario

app = typer.Typer(add_completion=False, rich_markup_mode=None)

Somebody = Annotated[str | None, get_args(Person)[1]]
"""The scenario's own argument, which --guide needs not."""


def investigate(
    run: Run,
    user: Somebody = None,  # noqa: ARG001  (it is in the frame, as all that is given)
    since: options.Since = "30d",
    ip: PivotAddress = None,  # noqa: ARG001
    session: PivotSession = None,  # noqa: ARG001
    guide: options.Guide = False,
    say: options.Say = None,
) -> Report:
    if not guide:
        asked_for(run.frame.command, run.frame.given, ("user",))
    return answered(
        run,
        scenario.SCENARIO,
        lambda settings: replace(run, since=since).windowed(settings.now()),
        guide=guide,
        say=say,
    )


investigate.__doc__ = inspect.getdoc(scenario)
command(app, "investigate", "security")(investigate)
