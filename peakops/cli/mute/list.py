"""peakops mute list: what is muted, by whom, why and until when."""

import time
from typing import Annotated, Any

import typer

from peakops import report
from peakops.cli.commands import Run, list_command
from peakops.cli.lists import Listing
from peakops.errors import Exit, PeakopsError
from peakops.model import Report, Status, typed
from peakops.scenarios.words import day

app = typer.Typer(add_completion=False, rich_markup_mode=None)

COLUMNS = ("fingerprint", "state", "owner", "reason", "made_at", "expires_at", "says", "next")
Every = Annotated[bool, typer.Option("--all", help="List those too that were ended.")]


@list_command(app, "list", "mute", Listing(columns=COLUMNS))
def list_(run: Run, every: Every = False) -> Report:
    """
    List what is muted: a finding by its fingerprint, or a subject; those too that are over and were not ended.

    Ends with 3 where that could not be read.

    Example: peakops mute list
    """
    settings = run.invocation.settings()
    deadline = time.monotonic() + report.seconds_for_looks(run.frame.left(run.timeout))
    counts = dict.fromkeys(("active", "expired", "ended"), 0)
    try:
        rows = run.sources(settings, deadline).read("database", "team", {"query": "sweep/mutes"}).rows
    except PeakopsError as silent:
        says = f"What is muted could not be read. {silent.says} {silent.hint}".strip()
        more: dict[str, Any] = {"status": Status.UNKNOWN, "exit_code": Exit.UNKNOWN, "warnings": (says,)}
        return report.of_lines(run.frame, [f"UNKNOWN  {says}"], {"counts": counts}, **more)
    for row in rows:
        counts[row["state"]] += 1
        if every or row["state"] != "ended":
            until = f"until {day(row['expires_at'])}" if row["state"] == "active" else row["state"]
            says = f"{row['fingerprint']}  {until}  by {row['owner']}: {row['reason']}"
            next = [typed("peakops mute end", row["fingerprint"])] if row["state"] != "ended" else []
            run.emit({**row, "says": says, "next": next})
    over = f", {counts['expired']} over and not ended" if counts["expired"] else ""
    return report.of_lines(run.frame, [f"{counts['active']} muted{over}."], {"counts": counts})
