"""The arguments that scenarios share, said once."""

from datetime import UTC, datetime
from ipaddress import ip_interface
from typing import Annotated, Literal

import typer

from peakops import timegrammar
from peakops.networks import network_of, plain
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


def _network(text: str) -> str:
    """A network as it is listed, without bits of a host: who means one address does not type its neighbours'."""
    found = network_of(text)
    if found is None:
        raise typer.BadParameter(f"'{text}' is no network such as 203.0.113.0/24, 203.0.113.7 or 2001:db8::/48.")
    if "/" in text and ip_interface(text.strip()).network.network_address != ip_interface(text.strip()).ip:
        raise typer.BadParameter(f"'{text}' has bits of a host: beyond the /{found.prefixlen} all must be zero.")
    return plain(found)


def _lasting(text: str) -> str:
    """The text as it stands, once it is known to be a length of time, and more than nothing."""
    try:
        seconds = timegrammar.duration(text)
    except ValueError as wrong:
        raise typer.BadParameter(f"{wrong}.") from None
    if seconds < 1:
        raise typer.BadParameter(f"'{text}' is no time at all.")
    return text


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
EvidenceFolder = Annotated[
    str,
    typer.Argument(metavar="DIR", help="A folder that 'peakops security evidence' wrote.", show_default=False),
]
IncidentSubject = Annotated[
    str | None,
    typer.Option("--incident", metavar="ID", help="Instead of a person: whom an incident is about, by number or id."),
]
Network = Annotated[
    str,
    typer.Argument(
        metavar="CIDR",
        parser=_network,
        help="A network (203.0.113.0/24, 2001:db8::/48), or one address.",
        show_default=False,
    ),
]
OneNetwork = Annotated[
    str | None,
    typer.Argument(
        metavar="[CIDR]", parser=_network, help="Only the entries that touch this network.", show_default=False
    ),
]
LeasedFor = Annotated[
    str,
    typer.Option("--for", metavar="DUR", parser=_lasting, help="How long, at most a week: 2h, 24h, 7d."),
]
LimitRule = Annotated[
    str,
    typer.Argument(metavar="RULE", help="A rule of Vercel's firewall: its id, or its name.", show_default=False),
]
NewLimit = Annotated[
    int,
    typer.Option(
        "--to", metavar="N", min=1, max=10_000_000, help="So many requests in the rule's window.", show_default=False
    ),
]
EndBy = Annotated[
    Literal["password"] | None,
    typer.Option(
        "--by",
        help="End the sessions with a password that nobody knows, where the database's role may not delete them; "
        "the person needs a reset mail then.",
    ),
]


def _address(text: str) -> str:
    """An IP address in its usual spelling, as IPv4 where it is one."""
    network = network_of(text)
    if network is None or network.prefixlen < network.max_prefixlen:
        raise typer.BadParameter(f"'{text}' is no IP address.")
    return plain(network)


PivotAddress = Annotated[
    str | None,
    typer.Option("--ip", metavar="ADDRESS", parser=_address, help="Who else used this IP address, too."),
]
PivotSession = Annotated[
    str | None,
    typer.Option(
        "--session", metavar="UUID", parser=_id, help="Whose session it is, and which others resemble it, too."
    ),
]
Request = Annotated[
    str | None,
    typer.Option("--request", metavar="ID", help="The request's number, by which the log of deletions knows it."),
]
Basis = Annotated[
    str | None,
    typer.Option("--basis", metavar="TEXT", help="On which ground it is done: 'GDPR art. 17(1)(b)'. No names."),
]
IdentityConfirmed = Annotated[
    str | None,
    typer.Option(
        "--identity-confirmed",
        metavar="HOW",
        help="How you made sure that it is the person's own request: 'call-back to the number on file'. No names.",
    ),
]
Received = Annotated[
    str | None,
    typer.Option("--received", metavar="DATE", help="The day on which the request came in, like 2026-11-02."),
]
DeleteAudit = Annotated[
    bool,
    typer.Option(
        "--delete-audit", help="Delete the person's rows of the audit log too, instead of a pseudonym in them."
    ),
]
