"""peakops perf check: what makes pages slow, ranked by its share of the time."""

import inspect
from dataclasses import replace
from typing import Annotated
from urllib.parse import urlsplit

import typer

from peakops.cli import options
from peakops.cli.answers import answered
from peakops.cli.commands import Run, command
from peakops.cli.perf.targets import addresses
from peakops.endpoints import shown
from peakops.errors import NotConfigured
from peakops.model import Report, Row
from peakops.report import Frame
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
    def told(settings: Settings) -> Frame:
        url, database = target(page, settings), bool(settings.database_perf_url or settings.database_url)
        if not (url or database):
            says = "Neither a page nor a database is there to look at: no address was given, and none is set."
            raise NotConfigured(says, hint="Give an address, or set PEAKOPS_PORTAL_URL or PEAKOPS_DATABASE_URL.")
        frame = replace(run, since=since).windowed(settings.now())
        return replace(frame, given={"url": url or "", "page": bool(url), "database": database, **frame.given})

    def repeated(given: Row) -> Row:
        # What stands behind a path may be a token: it is asked for, and told nowhere.
        return {"page": shown(urlsplit(given["url"])) if given["page"] else None, **run.frame.given}

    return answered(run, scenario.SCENARIO, told, guide=guide, say=say, repeated=repeated)


check.__doc__ = inspect.getdoc(scenario)
command(app, "check", "perf")(check)


def target(page: str | None, settings: Settings) -> str | None:
    """The address to measure: the portal's start page where none is named; None where there is no portal either."""
    if page is None and not settings.portal_url:
        return None
    return addresses([page or "/"], settings)[0]
