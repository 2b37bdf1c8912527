"""The arguments that scenarios share, said once."""

from typing import Annotated

import typer

PaymentSubject = Annotated[
    str,
    typer.Argument(
        metavar="SUBJECT",
        help="An invoice number (INV-123), an invoice's UUID, a PaymentIntent (pi_…), a charge (ch_…), "
        "or the customer's e-mail address.",
        show_default=False,
    ),
]
SurplusCharge = Annotated[
    str | None,
    typer.Option("--charge", metavar="CHARGE", help="The surplus charge to refund (ch_…), where there are several."),
]
