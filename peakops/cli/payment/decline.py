"""peakops payment decline: what a code means, from the playbook alone."""

from typing import Annotated

import typer

from peakops import declines
from peakops.cli.commands import Run, command
from peakops.model import Report

app = typer.Typer(add_completion=False, rich_markup_mode=None)

Code = Annotated[str, typer.Argument(metavar="CODE", help="A decline or error code of Stripe's.", show_default=False)]


@command(app, "decline", section="payment")
def decline(run: Run, code: Code) -> Report:
    """
    What a decline code means, who acts, what to do, and what the customer may be told. Asks nobody.

    Example: peakops payment decline expired_card
    """
    return declines.explain(run.frame, code)
