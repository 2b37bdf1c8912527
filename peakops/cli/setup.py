"""peakops setup: the team's state in the portal's database, looked at or made."""

import inspect
from dataclasses import replace
from typing import Annotated

import typer

from peakops.cli.commands import Run, add, parameter
from peakops.cli.errand import Errand
from peakops.cli.fixes import answers
from peakops.model import Report
from peakops.scenarios.setup import make

app = typer.Typer(add_completion=False, rich_markup_mode=None, help=(inspect.getdoc(make) or "").partition("\n")[0])

Check = Annotated[bool, typer.Option("--check", help="Only say what is missing; nothing is planned or changed.")]


def _work(run: Run, *, check: bool, dry_run: bool, yes: bool, confirm: str | None) -> Report:
    errand = Errand(make.FIX, replace(run, frame=replace(run.frame, given={})), {})
    return errand.look() if check else errand.run(dry_run=dry_run, yes=yes, confirmation=confirm, until=None)


add(app, "setup", "setup", _work, [parameter("check", Check, False), *answers()], inspect.getdoc(make) or "")
