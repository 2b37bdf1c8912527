"""peakops mute end: a mute is over now."""

from typing import Annotated

import typer

from peakops import mutes
from peakops.cli.commands import Run, command
from peakops.model import Report, Status
from peakops.report import of_lines

app = typer.Typer(add_completion=False, rich_markup_mode=None)

Finding = Annotated[str, typer.Argument(metavar="FINGERPRINT|SUBJECT", help="What 'peakops mute list' names.")]


@command(app, "end", section="mute")
def end(run: Run, finding: Finding) -> Report:
    """
    End a mute now, or settle one that is over: what it was about counts again, and the mute is told no more.

    Example: peakops mute end payments-1c9e2f07ab34
    """
    key, invocation = mutes.key_of(finding), run.invocation
    ended, now = mutes.Writing(invocation.settings(), invocation.write_keys(), invocation.journal()).end(key)
    says = f"{'ENDED' if now else 'OK  Ended before:'}  {key}, which {ended['owner']} had muted: {ended['reason']}"
    return of_lines(run.frame, [says], {"mute": ended}, status=Status.CHANGED if now else Status.OK)
