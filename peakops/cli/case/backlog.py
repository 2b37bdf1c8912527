"""peakops case backlog: every case of a window, and what can be done about many of them at once."""

import gc
import shlex
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from peakops import report
from peakops.cli import confirm as asking
from peakops.cli import options, weather
from peakops.cli.commands import Run, list_command
from peakops.cli.lists import Listing
from peakops.errors import PeakopsError, UsageFault
from peakops.model import Report, Severity

if TYPE_CHECKING:
    from peakops.backlog import Item, Swept
    from peakops.cli.batch import Batch
    from peakops.settings import Settings

app = typer.Typer(add_completion=False, rich_markup_mode=None)

COLUMNS = ("subject", "practice", "verdict", "severity", "cause", "at", "says", "next", "fix", "result", "error")
REFUSED = ("salesforce_auth_failed", "api_limit_reached", "salesforce_permission", "row_locked")
"""What Salesforce refused at the last attempt, for a reason that has passed where the check names the fix."""
UNCERTAIN = "outcome_unknown"
"""Retried only where it is asked for: an attempt got no answer, and may still arrive."""
REMEDIED = ("missing_in_salesforce", "created_not_linked", *REFUSED, UNCERTAIN)
"""The verdicts that --fix acts on; what a rule or a field of Salesforce's refuses is for a person, case by case."""
Every = Annotated[bool, typer.Option("--all", help="List what has arrived too.")]
FixThem = Annotated[bool, typer.Option("--fix", help="Retry or link what can be: shown as one list, confirmed once.")]
Uncertain = Annotated[bool, typer.Option("--uncertain", help="With --fix: those too whose attempt got no answer.")]
Many = Annotated[
    str | None,
    typer.Option("--confirm", metavar="N", help="Confirm the change of N cases in a script; needs --reason."),
]


@list_command(app, "backlog", "case", Listing(columns=COLUMNS, since="7d", timeout="15m"))
def backlog(
    run: Run,
    every: Every = False,
    fix: FixThem = False,
    uncertain: Uncertain = False,
    dry_run: options.DryRun = False,
    confirm: Many = None,
) -> Report:
    """
    Judge every submitted case of a window as 'case check' does, and list those that have not arrived as they should.

    With --fix those that 'case retry' or 'case link' remedies are shown as one list, confirmed by their number, and
    changed one by one; --limit says how many at most. An account or a field that is wrong is corrected in the portal.

    Example: peakops case backlog --since 7d --fix --dry-run
    """
    if not fix and (uncertain or confirm is not None):
        raise UsageFault("--uncertain and --confirm go with --fix.", hint="Add --fix, or leave them out.")
    asking.justified(confirm, run.reason)
    # A short run does without the collector; a sweep would keep every page that it has read.
    gc.enable()
    settings = run.invocation.settings()
    sky = weather.watched(settings, run.invocation.journal())
    begun = _begun(run) if fix else set()
    kept: list[Item] = []

    def told(item: "Item") -> None:
        if fix and (f"case:{item.subject.id}" in begun or _remedied(item, uncertain=uncertain)):
            kept.append(item)
        elif not fix and item.told and (every or item.severity is not Severity.OK):
            run.emit(item.row(run.frame))

    swept = _swept(run, settings, told)
    found = swept.report
    if kept and not swept.whole:
        lines = (*found.lines, f"  {len(kept)} could be changed, and none was: not everything was read.")
        found = replace(found, lines=lines, warnings=(*found.warnings, lines[-1].strip()))
    elif kept:
        found = _fixed(run, swept, kept, uncertain).run(dry_run=dry_run, confirmation=confirm)
    return sky.told(found, run.style, ("salesforce", "database"))


def _swept(run: Run, settings: "Settings", told: "Callable[[Item], None]") -> "Swept":
    """Read both sides, and judge every case."""
    from peakops.backlog import judge, of_backlog
    from peakops.scenarios.case import backlog as cases
    from peakops.scenarios.case.check import SCENARIO

    now = settings.now()
    since, until = run.window(now)
    frame = replace(run.windowed(now), started_at=now)
    deadline = time.monotonic() + report.seconds_for_looks(frame.left(run.timeout))
    # The portal's cases stream over one connection; what is looked up meanwhile needs another.
    streaming, beside = run.sources(settings, deadline), run.sources(settings, deadline)
    silent: dict[str, PeakopsError] = {}
    found = cases.subjects(streaming.stream, beside.read, since, until, now, silent)
    items = (judge(SCENARIO, each, cases.SOURCES, now) for each in found)
    return of_backlog(frame, SCENARIO, items, silent, told)


def _begun(run: Run) -> set[str]:
    """What an earlier run of this station has begun and not finished, by its subject."""
    from peakops import unfinished

    told = unfinished.runs(unfinished.lines(run.invocation.journal()))
    return {each.plan.subject.key for each in told if each.open and each.readable}


def _remedied(item: "Item", *, uncertain: bool) -> bool:
    """Whether --fix acts on it: its check names the fix too."""
    return bool(_cure(item)) and item.code in REMEDIED and (uncertain or item.code != UNCERTAIN)


def _cure(item: "Item") -> str:
    """The command of the fix that its check names; empty where it names none."""
    return item.finding.fix.command if item.finding and item.finding.fix else ""


def _fixed(run: Run, swept: "Swept", items: "list[Item]", uncertain: bool) -> "Batch":
    """The fixes of as many as --limit allows, the oldest first."""
    from peakops.cli import batch
    from peakops.cli.planned import plan
    from peakops.scenarios.case import link, retry

    fixes = (retry.FIX, link.FIX)
    first = sorted(items, key=lambda item: item.subject.at)[: run.limit]
    named = [sorted(fixes, key=lambda fix: not _cure(each).startswith(f"peakops {fix.command} ")) for each in first]
    planned = [plan(run, *each) for each in zip(first, named, strict=True)]
    limit = f" --limit {run.limit}" if len(first) < len(items) else ""
    until = f" --until {shlex.quote(run.until)}" if run.until else ""
    again = f"peakops case backlog --since {shlex.quote(run.since)}{until}{limit} --fix{' --uncertain' * uncertain}"
    return batch.Batch(run, swept, planned, total=len(items), noun="cases", again=again)
