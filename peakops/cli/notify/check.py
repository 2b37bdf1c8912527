"""peakops notify check: the scenario as a command, of one person or of a practice."""

from typing import Annotated, get_args

import typer

from peakops.cli import options
from peakops.cli.answers import answered
from peakops.cli.asked import asked_for
from peakops.cli.commands import Run, command
from peakops.errors import UsageFault
from peakops.model import Report
from peakops.scenarios.arguments import (
    Notification,
    NotificationChannel,
    NotificationSince,
    NotificationType,
    Notified,
)
from peakops.scenarios.notify.check import SCENARIO

app = typer.Typer(add_completion=False, rich_markup_mode=None)

Somebody = Annotated[str | None, get_args(Notified)[1]]
"""The scenario's own argument, which --practice takes the place of."""
OfPractice = Annotated[
    str | None,
    typer.Option(
        "--practice", metavar="PRACTICE", help="Instead of a person: everybody active of a practice, its id or name."
    ),
]


@command(app, "check", "notify")
def check(
    run: Run,
    user: Somebody = None,
    practice: OfPractice = None,
    type: NotificationType = None,
    channel: NotificationChannel = None,
    since: NotificationSince = None,
    notification: Notification = None,
    guide: options.Guide = False,
    say: options.Say = None,
) -> Report:
    """
    Notification not received: whether it was made, sent and delivered, and what kept it back.

    Looks at the person's newest notification of each channel, preferences and the portal's log, and at the e-mail
    provider: what became of the mail, suppressions, domain, rates, key, quota, status page.

    Example: peakops notify check owner@smilecare.example --type invoice
    """
    if practice is None or guide:
        if not guide:
            asked_for(run.frame.command, run.frame.given, ("user",))
        return answered(run, SCENARIO, lambda _: run.frame, guide=guide, say=say)
    if user or notification or say:
        says = "--practice takes the place of EMAIL|UUID, and goes neither with --notification nor with --say."
        raise UsageFault(says, hint=f"Run 'peakops {run.frame.command} --help'.")
    asked_for(run.frame.command, run.frame.given, ("practice",))
    from peakops.cli.notify import practices

    return practices.checked(run, practice, type, channel, since)
