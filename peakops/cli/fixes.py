"""How a fix becomes a command: its scenario's arguments, its own options, and those that plan and confirm."""

import inspect
from dataclasses import replace
from typing import Any

import typer

from peakops.cli import errand, options
from peakops.cli.commands import Run, add, parameter
from peakops.cli.errand import Errand
from peakops.fix import Fix
from peakops.model import Report


def fix_command(app: typer.Typer, fix: Fix) -> None:
    """Make a command of a fix; the docstring of its module is the help."""
    asked = [each.replace(annotation=fix.asks.get(each.name, each.annotation)) for each in fix.scenario.arguments]
    own = [
        each
        for each in list(inspect.signature(fix.propose).parameters.values())[1:]
        if each.name in (*fix.own, *fix.further)
    ]
    if fix.pending:
        own.append(parameter("until", options.UntilFinal, None))

    def work(
        run: Run, *, dry_run: bool, yes: bool, confirm: str | None, until: str | None = None, **values: Any
    ) -> Report:
        named = {each.name: values.pop(each.name) for each in asked}
        subject = {name: value for name, value in named.items() if value is not None}
        each = Errand(fix, replace(run, frame=replace(run.frame, given=subject)), values)
        return errand.told(each.run(dry_run=dry_run, yes=yes, confirmation=confirm, until=until), run)

    doc = inspect.getdoc(inspect.getmodule(fix.propose)) or ""
    add(app, fix.name, fix.command, work, [*(each.replace(default=None) for each in asked), *own, *answers()], doc)


def answers() -> list[inspect.Parameter]:
    """The options that plan and confirm."""
    return [
        parameter("dry_run", options.DryRun, False),
        parameter("yes", options.Yes, False),
        parameter("confirm", options.Confirm, None),
    ]
