"""The arguments that scenarios share, said once."""

from datetime import UTC, datetime
from typing import Annotated, Literal

import typer

from peakops import timegrammar
from peakops.scenarios.addresses import identifier


def _moment(text: str) -> str:
    """The text as it stands, once it is known to be a moment: which one, the environment's clock decides."""
    try:
        timegrammar.moment(text, datetime.now(UTC))
    except ValueError as wrong:
        raise typer.BadParameter(f"{wrong}.") from None
    return text


def _id(text: str) -> str:
    """An id in its usual spelling."""
    found = identifier(text)
    if found is None:
        raise typer.BadParameter(f"'{text}' is no UUID.")
    return found


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
CaseSubject = Annotated[
    str,
    typer.Argument(
        metavar="CASE",
        help="A case's number (CASE-1042), its UUID, or the id of its record in Salesforce (500…).",
        show_default=False,
    ),
]
Shipped = Annotated[
    str,
    typer.Argument(
        metavar="SHIPMENT",
        help="A shipment's number (SHP-77) or id, its case's (CASE-1042), or a tracking number (1Z…).",
        show_default=False,
    ),
]
LabelFile = Annotated[
    str | None,
    typer.Option(
        "--to", metavar="FILE", help="Where the label is saved; a new file, by default called as the shipment."
    ),
]
Corrected = Annotated[
    str | None,
    typer.Option(
        "--corrected",
        metavar="CODE",
        help="The code with which UPS refused the last attempt, once what it is about has been corrected.",
    ),
]
Voided = Annotated[
    str | None,
    typer.Option("--tracking", metavar="NUMBER", help="The label to void (1Z…), where there are several."),
]
Notified = Annotated[
    str,
    typer.Argument(
        metavar="EMAIL|UUID",
        help="The person's e-mail address, in any case, the user's id, or a notification's id.",
        show_default=False,
    ),
]
NotificationType = Annotated[
    str | None,
    typer.Option("--type", metavar="TYPE", help="Only notifications of this type: case_update, invoice, shipment, …"),
]
NotificationChannel = Annotated[
    Literal["email", "in_app"] | None,
    typer.Option("--channel", help="Only e-mail, or only what the portal itself shows; without it both."),
]
NotificationSince = Annotated[
    str | None,
    typer.Option(
        "--since",
        metavar="DUR|MOMENT",
        parser=_moment,
        help="Notifications from when on: 90s, 2h, 3d, 2w ago; today, 2026-11-20 (UTC); or RFC 3339. 7d if not given.",
    ),
]
Notification = Annotated[
    str | None,
    typer.Option("--notification", metavar="UUID", parser=_id, help="Only this one of the person's notifications."),
]
