"""peakops perf check: what makes pages slow, ranked by its share of the time."""

import inspect
from dataclasses import replace
from typing import Annotated
from urllib.parse import urlsplit

import typer

from peakops import report
from peakops.cli import options
from peakops.cli.commands import Run, command, investigated
from peakops.cli.perf.targets import addresses
from peakops.endpoints import shown
from peakops.errors import NotConfigured, UsageFault
from peakops.model import Report
from peakops.scenarios.perf import check as scenario
from peakops.settings import Settings

app = typer.Typer(add_completion=False, rich_markup_mode=None)

Page = Annotated[
    str | None,
    typer.Argument(
        metavar="PATH|URL",
        help="A path of the portal, or a whole address; the portal's start page where none is named.",
        show_default=False,
    ),
]


def check(
    run: Run, page: Page = None, since: options.Since = "7d", guide: options.Guide = False, say: options.Say = None
) -> Report:
    from peakops import guided, replies

    if guide and say:
        raise UsageFault("--say needs a verdict, and --guide asks nobody.", hint="Keep one of them.")
    if guide:
        return guided.guide(scenario.SCENARIO, run.frame)
    settings = run.invocation.settings()
    url, database = target(page, settings), bool(settings.database_perf_url or settings.database_url)
    if not (url or database):
        says = "Neither a page nor a database is there to look at: no address was given, and none is set."
        raise NotConfigured(says, hint="Give an address, or set PEAKOPS_PORTAL_URL or PEAKOPS_DATABASE_URL.")
    window = dict(zip(("since", "until"), replace(run, since=since).window(settings.now()), strict=True))
    frame = replace(run.frame, given={"url": url or "", "page": bool(url), "database": database, **window})
    seconds = report.seconds_for_looks(frame.left(run.timeout))
    found = investigated(scenario.SCENARIO, run, frame, settings, seconds)
    # What stands behind a path may be a token: it is asked for, and told nowhere.
    found = replace(found, given={"page": shown(urlsplit(url)) if url else None, **run.frame.given})
    return replies.said(found, say) if say else found


check.__doc__ = inspect.getdoc(scenario)
command(app, "check", "perf")(check)


def target(page: str | None, settings: Settings) -> str | None:
    """The address to measure: the portal's start page where none is named; None where there is no portal either."""
    if page is None and not settings.portal_url:
        return None
    return addresses([page or "/"], settings)[0]
