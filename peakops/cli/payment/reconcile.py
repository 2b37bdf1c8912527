"""peakops payment reconcile: every payment of a window, on both sides."""

import gc
import time
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Annotated

import typer

from peakops import report
from peakops.cli import weather
from peakops.cli.commands import Run, list_command
from peakops.cli.lists import Listing
from peakops.errors import PeakopsError
from peakops.model import Report

app = typer.Typer(add_completion=False, rich_markup_mode=None)

COLUMNS = ("subject", "kind", "verdict", "severity", "cause", "amount", "currency", "at", "says", "next")
Every = Annotated[bool, typer.Option("--all", help="List what is in order too.")]
NewOnly = Annotated[bool, typer.Option("--new-only", help="Only what the last such run did not report; for cron.")]


@list_command(app, "reconcile", "payment", Listing(columns=COLUMNS, since="7d", timeout="15m"))
def reconcile(run: Run, new_only: NewOnly = False, every: Every = False) -> Report:
    """
    Compare every invoice, payment, charge and refund of a window on both sides, and list what does not agree.

    One verdict each, by the names that 'payment check' and 'payment duplicates' use. The exit code is the worst's;
    with --new-only that of the worst that is reported. What is in order is counted, and listed with --all.

    Example: peakops payment reconcile --since 7d --new-only --jsonl
    """
    from peakops import sweep
    from peakops.scenarios.payment.reconcile import subjects
    from peakops.seen import Seen

    # A short run does without the collector; a sweep would keep every page that it has read.
    gc.enable()
    settings = run.invocation.settings()
    now = settings.now()
    since, until = run.window(now)
    frame = replace(run.windowed(now), started_at=now)
    seen = Seen(run.invocation.journal(), "payment.reconcile", settings.environment) if new_only else None
    seconds = report.seconds_for_looks(frame.left(run.timeout))
    sources = run.sources(settings, time.monotonic() + seconds)
    silent: dict[str, PeakopsError] = {}
    sky = weather.watched(settings, run.invocation.journal())
    found_in = subjects(sources.stream, sources.read, since, until, now, silent)

    def new(fingerprint: str, at: datetime) -> bool:
        return seen is None or seen.is_new(fingerprint, at, shown=not run.rows.full)

    found, complete = sweep.of_sweep(frame, found_in, run.emit, new, every=every, silent=silent)
    if seen:
        # What could not be told is new again next time.
        run.rows.told = partial(seen.keep, since, until, now, complete=complete)
    return sky.told(found, run.style, ("stripe_windows", "database"))
