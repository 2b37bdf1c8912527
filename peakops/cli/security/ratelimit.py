"""peakops security ratelimit: files of Vercel's log drain, counted and judged."""

import inspect
from dataclasses import replace
from typing import Annotated

import typer

from peakops.cli import options
from peakops.cli.answers import answered
from peakops.cli.commands import Run, add
from peakops.errors import BadInput, UsageFault
from peakops.model import Report
from peakops.report import Frame
from peakops.scenarios.security import ratelimit as scenario
from peakops.settings import Settings

app = typer.Typer(add_completion=False, rich_markup_mode=None)

TIMEOUT = "15m"
"""As sweeps have it: a day's log may be a hundred gigabytes."""
Files = Annotated[
    list[str] | None,
    typer.Argument(metavar="FILE…|-", help="Files in the order of time, NDJSON, JSON or .gz; - reads standard input."),
]


def ratelimit(run: Run, files: Files = None, guide: options.Guide = False, say: options.Say = None) -> Report:
    def told(settings: Settings) -> Frame:  # noqa: ARG001  (as every command's; the log is asked without any)
        if not files:
            hint = "Run 'peakops security ratelimit --help'."
            raise UsageFault("Name the files of the log, or - for standard input.", hint=hint)
        return replace(run.frame, given={"files": list(files)})

    found = answered(run, scenario.SCENARIO, told, guide=guide, say=say)
    wrong = next((each.error for each in found.evidence if each.error and each.error.category == "input"), None)
    if wrong:
        raise BadInput(wrong.message, hint=wrong.hint, code=wrong.code, source=wrong.source)
    return found


own = list(inspect.signature(ratelimit).parameters.values())[1:]
add(app, "ratelimit", "security ratelimit", ratelimit, own, inspect.getdoc(scenario) or "", timeout=TIMEOUT)
