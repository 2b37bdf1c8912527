"""peakops shipping backlog: every shipment of a window that has no label."""

import gc
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from peakops import report
from peakops.cli import weather
from peakops.cli.commands import Run, list_command
from peakops.cli.lists import Listing
from peakops.errors import PeakopsError
from peakops.model import Report, Row, Severity

if TYPE_CHECKING:
    from datetime import datetime

    from peakops.backlog import Item
    from peakops.scenarios.backlogs import Read

app = typer.Typer(add_completion=False, rich_markup_mode=None)

COLUMNS = ("subject", "practice", "verdict", "severity", "cause", "at", "says", "next")
UPS_SECONDS = 90.0
"""What all questions to UPS may take together."""
Every = Annotated[bool, typer.Option("--all", help="List too what turns out to be in order.")]


@list_command(app, "backlog", "shipping", Listing(columns=COLUMNS, since="7d", timeout="5m"))
def backlog(run: Run, every: Every = False) -> Report:
    """
    Judge every shipment of a window that has no label as 'shipping check' does, and list them with the next command.

    UPS is asked where the portal does not know what became of an attempt: slowly, for the newest 50 alone and for 90
    seconds at most, since it has no question for many. Voided shipments and those that have a number are counted alone.

    Example: peakops shipping backlog --since 7d
    """
    from peakops.backlog import judge, of_backlog
    from peakops.scenarios.shipping import backlog as shipments
    from peakops.scenarios.shipping.check import SCENARIO

    # A short run does without the collector; a sweep would keep every row that it has read.
    gc.enable()
    settings, folder = run.invocation.settings(), run.invocation.journal()
    sky, now = weather.watched(settings, folder), settings.now()
    since, until = run.window(now)
    frame = replace(run.windowed(now), started_at=now)
    deadline = time.monotonic() + report.seconds_for_looks(frame.left(run.timeout))
    # The shipments stream over one connection; what is looked up meanwhile needs another.
    streaming, beside = run.sources(settings, deadline), run.sources(settings, deadline)
    # Where UPS asks to wait for longer than this, it is left alone: the list does not stand still for it.
    vendor = run.sources(settings, min(deadline, time.monotonic() + UPS_SECONDS))
    ups = shipments.AtUps(read=vendor.read, silent={}, pause=time.sleep)
    subjects = shipments.subjects(streaming.stream, ups, since, until)
    items = (judge(SCENARIO, each, shipments.SOURCES, now) for each in subjects)

    def told(item: "Item") -> None:
        if item.told and (every or item.severity is not Severity.OK):
            run.emit(item.row(run.frame))

    found = of_backlog(frame, SCENARIO, items, ups.silent, told).report
    counts, several = (_rows(beside.read, query, since, until) for query in (shipments.COUNTS, shipments.SEVERAL))
    notes = shipments.notes(ups, several or [])
    summary = {**found.data["summary"], "stored": _stored(counts), "several": several}
    found = replace(found, data={"summary": summary}, warnings=(*found.warnings, *notes))
    return sky.told(
        replace(found, lines=(*found.lines, *(f"  {each}" for each in notes))), run.style, ("ups", "database")
    )


def _rows(read: "Read", query: str, since: "datetime", until: "datetime") -> list[Row] | None:
    """What a further query counts; None where it is not answered, which takes nothing from the list."""
    try:
        found = read("database", "rows", {"query": query, "since": since, "until": until})
    except PeakopsError:
        return None
    return [dict(each) for each in found.rows]


def _stored(counts: list[Row] | None) -> dict[str, int] | None:
    """The shipments of the window by what the portal stores."""
    return None if counts is None else {each["status"]: each["shipments"] for each in counts}
