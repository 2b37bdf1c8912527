"""peakops payment: the playbook's section on payments; each command is imported when it is used."""

import typer

from peakops.cli import lazy

COMMANDS = {
    "check": (
        "peakops.cli.payment.check",
        "Payment failed: the customer says it did not go through, or the invoice still shows as unpaid.",
    ),
    "decline": (
        "peakops.cli.payment.decline",
        "What a decline code means, who acts, what to do, and what the customer may be told. Asks nobody.",
    ),
}

app = typer.Typer(
    add_completion=False,
    cls=lazy.root({}, COMMANDS),
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Payments that failed, or that the portal does not show.",
)


@app.callback()
def _group() -> None:
    """Payments that failed, or that the portal does not show."""
