"""What is not known of an invoice: what the lists have not brought, and the lists that failed. Pure."""

from collections.abc import Mapping
from typing import Any

from peakops.errors import PeakopsError
from peakops.scenario import Row
from peakops.scenarios.payment.looks import HANGING
from peakops.scenarios.payment.reconcile_books import OUTSIDE, Books


def missing(books: Books, ids: list[str], alone: list[str], known: Mapping[str, Row]) -> list[str]:
    """What the invoice names, or its PaymentIntent, and the lists have not brought although they could be read."""
    if books.silent.keys() & {"payment_intents", "charges"}:
        return []
    absent = [each for each in ids if each not in known and each not in books.gone]
    absent += [each for each in alone if not books.has_charge(each)]
    newest = [each["latest_charge_id"] for each in known.values() if each["status"] == "succeeded"]
    return absent + [each for each in newest if each and not books.has_charge(each)]


def with_silence(looks: dict[str, Any], books: Books, absent: list[str], stored: str | None) -> dict[str, Any]:
    """The looks, with an error in the place of each answer that was not had."""
    for kind, error in books.silent.items():
        single, several = ("intent", "siblings") if kind == "payment_intents" else (kind, f"sibling_{kind}")
        looks |= {single: error, several: error}
    if absent:
        says = (
            f"{', '.join(absent)} is not in Stripe's lists of the time that was read: older, made since this run "
            "began, of the other mode, or gone."
        )
        error = PeakopsError(says, code=OUTSIDE, source="stripe", hint="Look at the invoice with 'payment check'.")
        main = {stored, looks["intent"] and looks["intent"]["latest_charge_id"]}
        if main & set(absent):
            looks |= dict.fromkeys(("intent", *HANGING), error)
        if set(absent) - main:
            looks |= dict.fromkeys(("siblings", *(f"sibling_{name}" for name in HANGING)), error)
    return looks
