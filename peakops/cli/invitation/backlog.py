"""peakops invitation backlog: every invitation of a window, by its address."""

import gc
import time
from dataclasses import replace
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

COLUMNS = ("subject", "email", "practice", "verdict", "severity", "cause", "at", "says", "next")
Every = Annotated[bool, typer.Option("--all", help="List those that are accepted or open too.")]


@list_command(app, "backlog", "invitation", Listing(columns=COLUMNS, since="7d", timeout="5m"))
def backlog(run: Run, every: Every = False) -> Report:
    """
    Judge the newest invitation to each address of a window as 'invitation check' does; list what did not work.

    Of the window are those that were made in it, and those whose link ended in it unused. Whether the mail arrived, the
    e-mail provider is asked by whole pages of its log and of its lists, never address by address.

    Example: peakops invitation backlog --since 7d
    """
    from peakops.backlog import judge, of_backlog
    from peakops.scenarios.invitation import backlog as invitations
    from peakops.scenarios.invitation.check import SCENARIO
    from peakops.scenarios.notify.at_provider import SHARE, AtProvider, Lists

    # A short run does without the collector; a sweep would keep every page that it has read.
    gc.enable()
    settings = run.invocation.settings()
    sky, now = weather.watched(settings, run.invocation.journal()), settings.now()
    since, until = run.window(now)
    frame = replace(run.windowed(now), started_at=now)
    seconds, begun = report.seconds_for_looks(frame.left(run.timeout)), time.monotonic()
    # The invitations stream over one connection; what is looked up meanwhile needs another.
    streaming, beside = (run.sources(settings, begun + seconds) for _ in range(2))
    mail = run.sources(settings, begun + seconds * SHARE)
    silent: dict[str, PeakopsError] = {}
    lists = run.kept("email", Lists)
    provider = AtProvider(read=mail.read, stream=mail.stream, silent=silent, since=since, lists=lists)
    invited = invitations.Invited(
        stream=streaming.stream, read=beside.read, provider=provider, since=since, until=until
    )
    items = (judge(SCENARIO, each, invitations.SOURCES, now) for each in invited.subjects())

    def told(item: "Item") -> None:
        if item.told and (every or item.severity is not Severity.OK):
            run.emit(item.row(run.frame, email=item.subject.looks["invitation"]["email"]))  # type: ignore[index,call-overload]  # it is a row

    found = of_backlog(frame, SCENARIO, items, silent, told).report
    return sky.told(found, run.style, ("email_lists", "database"))
