"""peakops security hunt: everybody's access of a window, for cron."""

import gc
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from peakops import report
from peakops.cli import weather
from peakops.cli.commands import Run, list_command
from peakops.cli.lists import Listing
from peakops.model import Report, Severity

if TYPE_CHECKING:
    from peakops.backlog import Item
    from peakops.scenarios.security.hunt import Hunt
    from peakops.scenarios.security.score import Day, Judged
    from peakops.seen import Seen

app = typer.Typer(add_completion=False, rich_markup_mode=None)

COLUMNS = (*("subject", "email", "practice", "verdict", "severity", "score", "day", "signals", "at", "says", "next"),)
LISTED = "likely_compromised"
"""The verdict of those who are listed; the others are counted."""
UNTOLD = "unclassified"
"""The verdict on whom the logs cannot tell of: a warning whoever is listed, since nobody has looked then."""
HOW = " They are listed with --all."
Every = Annotated[
    bool, typer.Option("--all", help="List who is unusual too, who is contained, and of whom nobody can tell.")
]
NewOnly = Annotated[bool, typer.Option("--new-only", help="Only days that no such run reported before; for cron.")]


@list_command(app, "hunt", "security", Listing(columns=COLUMNS, since="7d", timeout="15m"))
def hunt(run: Run, new_only: NewOnly = False, every: Every = False) -> Report:
    """
    Look for accounts in the wrong hands among everybody, as 'security investigate' judges one; for cron.

    Of each person the ninety days before the window are learnt from, then every visit is scored: networks, devices,
    countries, hours, failures, reading, practices. Listed is who reaches the score of a take-over, each with the days
    and the lines of the log that show it; who is unusual is counted, and listed with --all. The exit code is that of
    the worst that is listed, and at least 1 where the logs cannot tell of somebody. Signals that could not be had are
    told in the summary. Nothing is changed.

    Example: peakops security hunt --since 7d --new-only --jsonl
    """
    from peakops.backlog import of_backlog
    from peakops.scenarios.security import hunt as people
    from peakops.scenarios.security.investigate import SCENARIO
    from peakops.seen import Seen

    # A short run does without the collector; a sweep would keep every page that it has read.
    gc.enable()
    settings, folder = run.invocation.settings(), run.invocation.journal()
    sky, now = weather.watched(settings, folder), settings.now()
    since, until = run.window(now)
    frame = replace(run.windowed(now), started_at=now)
    seen = Seen(folder, "security.hunt", settings.environment) if new_only else None
    deadline = time.monotonic() + report.seconds_for_looks(frame.left(run.timeout))
    *streams, beside = (run.sources(settings, deadline) for _ in range(4))
    log, sessions, accounts = (each.stream for each in streams)
    everybody = people.Hunt(read=beside.read, streams=(log, sessions, accounts), since=since, until=until)
    found: dict[str, Judged] = {}
    why: dict[str, str] = {}

    def told(item: "Item") -> bool:
        judged = found.pop(item.subject.id, None)
        if item.code == UNTOLD:
            why.setdefault("says", item.judged.ruling.says)
        if not item.told or item.severity is Severity.OK or (item.code == UNTOLD and not every):
            return True
        if not judged or not (every or item.code == LISTED) or not _new(seen, item, judged, shown=not run.rows.full):
            return False
        run.emit(item.row(run.frame, **_row(item, judged)))
        return True

    swept = of_backlog(frame, SCENARIO, _items(everybody, found, now, run.since), everybody.silent, told, words="hunt")
    if seen:
        run.rows.told = partial(seen.keep, since, until, now, complete=swept.whole)
    missing = everybody.noted.missing(everybody.silent)
    unseen = (f"  {each['signal']} could not be had: {each['why']}" for each in missing)
    untold = [f"  Nobody can tell of some, for instance: {why['says']}{'' if every else HOW}"] if why else []
    summary = {**swept.report.data["summary"], "missing": missing}
    lines = (*swept.report.lines, *untold, *unseen)
    return sky.told(replace(swept.report, data={"summary": summary}, lines=lines), run.style, ("database",))


def _items(everybody: "Hunt", found: "dict[str, Judged]", now: datetime, since: str) -> "Iterator[Item]":
    """Each person's item; of whom nothing stands out they differ in the subject alone, and one is judged for all."""
    from peakops.backlog import judge
    from peakops.scenarios.security.hunt import SOURCES
    from peakops.scenarios.security.investigate import SCENARIO

    quiet: Item | None = None
    for each in everybody.suspects():
        if each.quiet and quiet:
            yield replace(quiet, subject=each.subject)
            continue
        item = judge(SCENARIO, each.subject, SOURCES, now)
        # To look at the person comes first, whatever can be done; as far back as the hunt has looked.
        look = f"{item.next[-1]} --since {since}"
        item = replace(item, next=(look, *item.next[:-1]))
        if each.quiet:
            quiet = item
        found[each.subject.id] = each.judged
        yield item


def _new(seen: "Seen | None", item: "Item", judged: "Judged", *, shown: bool) -> bool:
    """Whether a day of the person's is one that no run has reported; every one of them is remembered."""
    if not seen:
        return True
    days = judged.alerts or judged.days[:1]
    at = {day: datetime.combine(day.day, datetime.min.time(), UTC) for day in days}
    news = [seen.is_new(f"{item.subject.id}:{day.day}:{item.code}", at[day], shown=shown) for day in days]
    return any(news)


def _row(item: "Item", judged: "Judged") -> dict[str, Any]:
    """What is listed of a person beside the verdict: the days that stand out, worst first, with their lines."""
    days = [_day(item.subject.id, day) for day in judged.alerts or judged.days[:1]]
    worst = days[0] if days else {"score": 0.0, "day": None, "signals": []}
    email = next(each.rows[0].get("email") for each in item.evidence if each.name == "person")
    more = {"score": worst["score"], "day": worst["day"], "signals": worst["signals"], "days": days}
    return {"email": email, **more}


def _day(id: str, day: "Day") -> dict[str, Any]:
    told = {"key": f"{id}:{day.day.isoformat()}", "day": day.day.isoformat(), "score": day.score}
    return {**told, "signals": [each.row() for each in day.signals]}
