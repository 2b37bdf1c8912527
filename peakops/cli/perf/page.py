"""peakops perf page: timed probes of pages, and what takes the time."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from peakops import render
from peakops.cli import options
from peakops.cli.answers import answered
from peakops.cli.commands import Run, command
from peakops.cli.perf.targets import addresses
from peakops.endpoints import shown
from peakops.errors import UsageFault
from peakops.model import Report, Row
from peakops.report import Frame
from peakops.scenarios.perf.page import SCENARIO, TIMES
from peakops.settings import Settings

app = typer.Typer(add_completion=False, rich_markup_mode=None)

Urls = Annotated[
    list[str] | None,
    typer.Argument(metavar="URL…", help="Whole addresses, or paths of the portal: /cases.", show_default=False),
]
Times = Annotated[
    int, typer.Option("--times", metavar="N", min=TIMES, max=50, help="How often each page is asked, cold and warm.")
]
Html = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Draw the figures as a page, too: a new file.")
]


@command(app, "page", "perf")
def page(
    run: Run,
    urls: Urls = None,
    times: Times = TIMES,
    since: options.Since = "7d",
    html: Html = None,
    guide: options.Guide = False,
    say: options.Say = None,
) -> Report:
    """
    Pages taking more than 3 seconds to load: timed probes, and which part takes the time.

    Each page is asked over new connections and over one that is open; redirects are followed five times. What visitors
    measured since --since, and the last deployments, come from Vercel where a token is set. A probe is no LCP.

    Example: peakops perf page /cases --html cases.html
    """
    if guide and (say or html):
        raise UsageFault("--guide asks nobody, and has nothing to draw or to send.", hint="Keep one of them.")
    if html:
        render.writable(html, "--html")
        if run.style.output and run.style.output.absolute() == html.absolute():
            raise UsageFault("--html and --output name the same file.", hint="Give another name with --html.")

    def told(settings: Settings) -> Frame:
        pages, (first, last) = addresses(urls or (), settings), replace(run, since=since).window(settings.now())
        return replace(run.frame, given={"urls": pages, "times": times, "since": first, "until": last})

    def repeated(given: Row) -> Row:
        # What stands behind a path may be a token: it is asked for, and told nowhere.
        return {**given, "urls": [shown(urlsplit(each)) for each in given["urls"]]}

    found = answered(run, SCENARIO, told, guide=guide, say=say, repeated=repeated)
    if html:
        render.draw(found, html, run.style)
    return found
