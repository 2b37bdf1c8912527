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
Person = Annotated[
    str,
    typer.Argument(
        metavar="EMAIL|UUID",
        help="The e-mail address with which the person logs in, in any case, or the user's id.",
        show_default=False,
    ),
]
ExpectPractice = Annotated[
    str | None,
    typer.Option(
        "--expect-practice", metavar="PRACTICE", help="The practice that the person should see: its id, or exact name."
    ),
]
Practice = Annotated[
    str,
    typer.Argument(metavar="PRACTICE", help="The practice to move the person to: its id, or exact name."),
]
Invited = Annotated[
    str,
    typer.Argument(
        metavar="EMAIL|UUID",
        help="The e-mail address that was invited, in any case, or an invitation's id.",
        show_default=False,
    ),
]
