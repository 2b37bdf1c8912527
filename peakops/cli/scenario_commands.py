"""How a scenario becomes a command: what it is told, and what becomes of what it found."""

import inspect
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import typer

from peakops import render, report
from peakops.cli import completion, options
from peakops.cli.asked import WINDOW, asked_for, required
from peakops.cli.commands import Run, add, parameter
from peakops.cli.lists import Listing
from peakops.errors import UsageFault
from peakops.investigate import Terms
from peakops.model import Report, Row
from peakops.report import Frame
from peakops.scenario import Scenario
from peakops.settings import Settings


def scenario_command(
    app: typer.Typer, scenario: Scenario, listing: Listing | None = None, asks: Callable[..., Row] | None = None
) -> None:
    """
    Make a command of a scenario: the arguments of its `gather`, its module's docstring as help.

    With a listing its `data.items` are let out row by row, and `since` and `until` of `gather` are the window.
    `asks` makes of what is typed what `gather` is told, where that is another: a file's text of its name.
    """
    plain = (each.replace(default=None) for each in scenario.arguments if not listing or each.name not in WINDOW)
    own = [*(inspect.signature(asks).parameters.values() if asks else plain), parameter("guide", options.Guide, False)]
    if not listing:
        own.append(parameter("say", options.Say, None))

    def work(run: Run, *, guide: bool, say: str | None = None, **given: Any) -> Report:
        from peakops import guided, replies

        if guide and say:
            raise UsageFault("--say needs a verdict, and --guide asks nobody.", hint="Keep one of them.")
        if guide:
            return guided.guide(scenario, run.frame)
        told = asks(**given) if asks else {}
        if not asks:
            asked_for(run.frame.command, run.frame.given, required(scenario))
        settings = run.invocation.settings()
        frame = run.windowed(settings.now()) if run.since else run.frame
        seconds, asked = report.seconds_for_looks(frame.left(run.timeout)), replace(frame, given=told or frame.given)
        found = replace(investigated(scenario, run, asked, settings, seconds), given=frame.given)
        if listing:
            _let_out(run, found.data.get("items", ()), newest=listing.newest)
        return replies.said(found, say) if say else found

    doc = inspect.getdoc(inspect.getmodule(scenario.gather)) or ""
    add(app, scenario.command.split()[-1], scenario.command, work, own, doc, listing)


def investigated(scenario: Scenario, run: Run, frame: Frame, settings: Settings, seconds: float) -> Report:
    """Look at everything at once, for so many seconds, and judge it."""
    from peakops.cli import weather

    folder = run.invocation.journal()
    sources = run.sources(settings, time.monotonic() + seconds)
    terms = Terms(seconds=seconds, now=settings.now, told=render.progress(run.style))
    sky = weather.watched(settings, folder)
    found = report.of_scenario(scenario, frame, sources.read, terms)
    completion.remember(frame.environment, found)
    return sky.told(found, run.style)


def _let_out(run: Run, rows: Sequence[Row], *, newest: bool) -> None:
    """Let out a scenario's rows; of a time line that is longer than the limit, the newest."""
    unseen = max(0, len(rows) - run.limit) if newest else 0
    run.rows.skip(unseen)
    for row in rows[unseen:]:
        run.emit(row)
