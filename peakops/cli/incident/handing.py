"""What besides incidents the next shift must know: leases and mutes that end soon, and jobs that did not run."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypedDict

from peakops.cli.commands import Run
from peakops.cli.incident.shared import clock
from peakops.errors import PeakopsError, TimedOut, Unreachable
from peakops.model import Row
from peakops.scenarios.cron import jobs, runs
from peakops.sources import Sources

SOON = timedelta(hours=24)
"""What ends within a day ends on the next shift, or the one after."""
NEXT = ("peakops security leases", "peakops mute list", "peakops cron status")
"""What shows all of each part."""
DOWN = (TimedOut, Unreachable)
"""What waits as long again when it is asked once more."""
MISSED = ("overdue", "died")


class Part(TypedDict):
    """One part of a hand-over: its rows, or why they are not known."""

    name: str
    title: str
    items: list[dict[str, Any]]
    why: str


def look(run: Run, now: datetime, silent: PeakopsError | None) -> list[Part]:
    """Every part, each by its own statement; none is asked of a database that was `silent`, or is by then."""
    down = silent if isinstance(silent, DOWN) else None
    settings = run.invocation.settings()
    sources = Sources(settings, time.monotonic() + run.frame.left(run.timeout), run.invocation.journal())
    job_names = [each.name for each in jobs.every()]
    looks: tuple[
        tuple[str, str, str, dict[str, Any], Callable[[Sequence[Row], datetime], list[dict[str, Any]]]], ...
    ] = (
        ("leases", "Leases that end soon", "security/open_leases", {}, _leases),
        ("mutes", "Mutes that end soon", "sweep/mutes", {}, _mutes),
        ("jobs", "Jobs that did not run", "cron/last_runs", {"jobs": job_names}, _jobs),
    )
    parts = []
    for name, title, query, params, rows in looks:
        part = Part(name=name, title=title, items=[], why="")
        try:
            if down:
                raise down
            part["items"] = rows(sources.read("database", "team", {"query": query, **params}).rows, now)
        except PeakopsError as wrong:
            down = wrong if isinstance(wrong, DOWN) else None
            part["why"] = f"not known. {wrong.says}"
        parts.append(part)
    return parts


def _leases(rows: Sequence[Row], now: datetime) -> list[dict[str, Any]]:
    kept = ("kind", "subject", "operator", "expires_at")
    return [
        {
            **{key: each[key] for key in kept},
            "says": f"{each['kind']} {each['subject']}  until {clock(each['expires_at'])}  by {each['operator']}",
        }
        for each in rows
        if each["expires_at"] - now <= SOON
    ]


def _mutes(rows: Sequence[Row], now: datetime) -> list[dict[str, Any]]:
    return [
        {
            **{key: each[key] for key in ("fingerprint", "owner", "expires_at")},
            "says": f"{each['fingerprint']}  until {clock(each['expires_at'])}  by {each['owner']}: {each['reason']}",
        }
        for each in rows
        if each["state"] == "active" and each["expires_at"] - now <= SOON
    ]


def _jobs(rows: Sequence[Row], now: datetime) -> list[dict[str, Any]]:
    found = (runs.standing(each, rows, now) for each in jobs.every())
    return [
        {"job": each.job.name, "word": each.word, "says": f"{each.job.name}  {each.says}"}
        for each in found
        if each.word in MISSED
    ]
