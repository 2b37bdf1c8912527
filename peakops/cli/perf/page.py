"""peakops perf page: timed probes of pages, and what takes the time."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from peakops import render, report
from peakops.cli import options
from peakops.cli.commands import Run, command, investigated
from peakops.cli.perf.targets import addresses
from peakops.endpoints import shown
from peakops.errors import UsageFault
from peakops.model import Report
from peakops.scenarios.perf.page import SCENARIO, TIMES

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
    from peakops import guided, replies

    if guide and (say or html):
        raise UsageFault("--guide asks nobody, and has nothing to draw or to send.", hint="Keep one of them.")
    if guide:
        return guided.guide(SCENARIO, run.frame)
    if html:
        render.writable(html, "--html")
        if run.style.output and run.style.output.absolute() == html.absolute():
            raise UsageFault("--html and --output name the same file.", hint="Give another name with --html.")
    settings = run.invocation.settings()
    pages, now = addresses(urls or (), settings), settings.now()
    windowed = replace(run, since=since).windowed(now).given
    given = {"urls": pages, "times": times, **{name: windowed[name] for name in ("since", "until")}}
    frame = replace(run.frame, given=given)
    seconds = report.seconds_for_looks(frame.left(run.timeout))
    # What stands behind a path may be a token: it is asked for, and told nowhere.
    told = {**given, "urls": [shown(urlsplit(each)) for each in pages]}
    found = replace(investigated(SCENARIO, run, frame, settings, seconds), given=told)
    if html:
        render.draw(found, html, run.style)
    return replies.said(found, say) if say else found
