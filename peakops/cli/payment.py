"""peakops payment: the playbook's section on payments."""

from typing import Annotated

import typer

from peakops import declines
from peakops.cli.commands import Run, command, scenario_command
from peakops.model import Report
from peakops.scenarios.payment import check

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Payments that failed, or that the portal does not show.",
)

scenario_command(app, check.SCENARIO)


@command(app, "decline", section="payment")
def decline(
    run: Run,
    code: Annotated[
        str, typer.Argument(metavar="CODE", help="A decline or error code of Stripe's.", show_default=False)
    ],
) -> Report:
    """
    What a decline code means, who acts, what to do, and what the customer may be told. Asks nobody.

    Example: peakops payment decline expired_card
    """
    return declines.explain(run.frame, code)
