"""peakops notify sweep: every notification of a window, for cron."""

import gc
import time
from collections import Counter
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from peakops import report
from peakops.cli import weather
from peakops.cli.commands import Run, list_command
from peakops.cli.lists import Listing
from peakops.errors import PeakopsError
from peakops.model import Report, Severity

if TYPE_CHECKING:
    from peakops.backlog import Item

app = typer.Typer(add_completion=False, rich_markup_mode=None)

COLUMNS = (*("subject", "practice", "kind", "channel", "verdict", "severity", "cause", "code", "at", "says", "next"),)
Every = Annotated[bool, typer.Option("--all", help="List what arrived too.")]
NewOnly = Annotated[bool, typer.Option("--new-only", help="Only what the last such run did not report; for cron.")]


@list_command(app, "sweep", "notify", Listing(columns=COLUMNS, since="24h", timeout="5m"))
def sweep(run: Run, new_only: NewOnly = False, every: Every = False) -> Report:
    """
    Judge every notification of a window as 'notify check' does, and list those that did not arrive; for cron.

    The provider is asked for its log and its lists by whole pages, never address by address; what was made in the last
    five minutes is left to the next run. The exit code is the worst's, with --new-only that of the worst that is
    reported. What arrived is counted, and listed with --all.

    Example: peakops notify sweep --since 24h --new-only --jsonl
    """
    from peakops.backlog import judge, of_backlog
    from peakops.scenarios.notify import sweep as notifications
    from peakops.scenarios.notify.at_provider import SHARE, SOURCES, AtProvider, Lists
    from peakops.scenarios.notify.check import SCENARIO
    from peakops.scenarios.notify.standing import GRACE
    from peakops.seen import Seen

    # A short run does without the collector; a sweep would keep every page that it has read.
    gc.enable()
    settings, folder = run.invocation.settings(), run.invocation.journal()
    sky, now = weather.watched(settings, folder), settings.now()
    since, until = run.window(now)
    frame = replace(run.windowed(now), started_at=now)
    seen = Seen(folder, "notify.sweep", settings.environment) if new_only else None
    seconds, begun = report.seconds_for_looks(frame.left(run.timeout)), time.monotonic()
    sources, mail = (run.sources(settings, begun + seconds * share) for share in (1, SHARE))
    silent: dict[str, PeakopsError] = {}
    lists = run.kept("email", Lists)
    provider = AtProvider(read=mail.read, stream=mail.stream, silent=silent, since=since, lists=lists)
    # What is younger is under way; it is the next run's.
    subjects = notifications.subjects(sources.stream, provider, since, min(until, now - GRACE))
    items, codes = (judge(SCENARIO, each, SOURCES, now) for each in subjects), Counter[str]()

    def told(item: "Item") -> bool:
        row = item.subject.looks["notifications"][0]  # type: ignore[index]  # it is a list
        code = row["enhanced_code"] or row["error_code"]
        codes.update([code] if code and item.severity is not Severity.OK else [])
        if not item.told or (item.severity is Severity.OK and not every):
            return True
        mark = f"{item.subject.id}:{item.code}:{item.judged.ruling.cause}"
        if seen and not seen.is_new(mark, item.subject.at, shown=not run.rows.full):
            return False
        run.emit(item.row(run.frame, kind=row["type"], channel=row["channel"], code=code))
        return True

    swept = of_backlog(frame, SCENARIO, items, silent, told, words="sweep")
    if seen:
        # What could not be told is new again next time.
        run.rows.told = partial(seen.keep, since, until, now, complete=swept.whole)
    found = swept.report
    found = replace(found, data={"summary": {**found.data["summary"], "codes": dict(sorted(codes.items()))}})
    return sky.told(found, run.style, ("email_lists", "database"))
