"""What the portal's rows of one invoice say of Stripe's objects. Pure."""

from collections.abc import Iterable

from peakops.scenario import Row
from peakops.scenarios.payment.looks import INTENT


def split(rows: list[Row]) -> tuple[Row, list[Row]]:
    """The rows of a join as the invoice and its payments."""
    prefix = "payment_"
    invoice: Row = {key: value for key, value in rows[0].items() if not key.startswith(prefix)}
    payments: list[Row] = [
        {key.removeprefix(prefix): value for key, value in row.items() if key.startswith(prefix)}
        for row in rows
        if row["payment_id"]
    ]
    return invoice, payments


def referenced(invoice: Row, payments: Iterable[Row]) -> list[str]:
    """The PaymentIntents that the portal names, the invoice's own first."""
    named = (invoice[INTENT], *(each[INTENT] for each in payments))
    return list(dict.fromkeys(each for each in named if each))


def alone(payments: Iterable[Row]) -> list[str]:
    """The charges that are recorded without their PaymentIntent."""
    return [each["stripe_charge_id"] for each in payments if each["stripe_charge_id"] and not each[INTENT]]
