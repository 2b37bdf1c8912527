"""peakops mute add: a finding, or a subject, raises no alarm for a while."""

from typing import Annotated

import typer

from peakops import mutes, timegrammar
from peakops.cli.commands import Run, command
from peakops.errors import UsageFault
from peakops.model import Report, Status, placed, typed
from peakops.report import of_lines
from peakops.scenarios.words import day, lasting

app = typer.Typer(add_completion=False, rich_markup_mode=None)

Finding = Annotated[str, typer.Argument(metavar="FINGERPRINT|SUBJECT", help="What 'peakops sweep' shows in brackets.")]
Owner = Annotated[str, typer.Option("--owner", metavar="WHO", help="Who sees to it.")]
For = Annotated[str, typer.Option("--for", metavar="DUR", help="How long: 8h, 7d; 90 days at most.")]


@command(app, "add", section="mute")
def add(run: Run, finding: Finding, owner: Owner, for_: For = "7d") -> Report:
    """
    Mute a finding of 'peakops sweep', or with the id of a subject whatever is found about it; needs --reason.

    It is counted all the same, and listed with --all; the sweep's exit code does without it. When the time is over and
    the finding is still there, that is a finding of its own. Nothing of the portal is changed.

    Example: peakops mute add payments-1c9e2f07ab34 --owner billing --reason 'refund agreed' --for 7d
    """
    key, lasts = mutes.key_of(finding), _lasts(for_)
    if not (owner.strip() and run.reason.strip()):
        raise UsageFault("A mute needs --owner and --reason.", hint="Say who sees to it, and why it can wait.")
    invocation = run.invocation
    writing = mutes.Writing(invocation.settings(), invocation.write_keys(), invocation.journal())
    made = writing.add(key, owner=owner.strip(), reason=run.reason.strip(), lasts=lasts)
    says = f"MUTED  {key} until {day(made['expires_at'])}, by {made['owner']}: {made['reason']}"
    undo = typed("peakops mute end", key)
    as_typed = placed(undo, run.frame.environment, run.frame.env_file)
    return of_lines(run.frame, [says, f"  Undo: {as_typed}"], {"mute": made}, status=Status.CHANGED, next=(undo,))


def _lasts(text: str) -> float:
    """How long it is to last, in seconds. Raises UsageFault for what is no time, or too long."""
    try:
        seconds = timegrammar.duration(text)
    except ValueError as wrong:
        raise UsageFault(f"{wrong}.", hint="Write --for 8h or --for 7d.") from None
    most = mutes.LONGEST.total_seconds()
    if not 0 < seconds <= most:
        raise UsageFault(f"A mute lasts more than nothing and at most {lasting(most)}.", hint="Take a shorter time.")
    return seconds
