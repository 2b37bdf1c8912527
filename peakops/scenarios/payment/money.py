"""What the facts say of the money: captured, given back, held, disputed. Pure, and in minor units."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from peakops.scenario import Facts, Row

NO_MINOR_UNITS = frozenset(
    [
        "bif",
        "clp",
        "djf",
        "gnf",
        "jpy",
        "kmf",
        "krw",
        "mga",
        "pyg",
        "rwf",
        "ugx",
        "vnd",
        "vuv",
        "xaf",
        "xof",
        "xpf",
    ]  # Stripe's zero-decimal currencies
)
THREE_DECIMALS = frozenset(["bhd", "jod", "kwd", "omr", "tnd"])
LIVE_REFUND = ("pending", "requires_action", "succeeded")
CLOSED_DISPUTE = ("won", "warning_closed", "prevented")
"""Disputes that cost nothing any more; every other status is open or lost."""


def amount(minor: int, currency: str) -> str:
    """Money for people: 12000, "usd" is 120.00 USD; a currency without minor units keeps its number."""
    decimals = 0 if currency in NO_MINOR_UNITS else 3 if currency in THREE_DECIMALS else 2
    sign, digits = ("-" if minor < 0 else ""), str(abs(minor)).rjust(decimals + 1, "0")
    whole = digits if not decimals else f"{digits[:-decimals]}.{digits[-decimals:]}"
    return f"{sign}{whole} {currency.upper()}"


def day(moment: datetime | None) -> str:
    """A moment for people, in UTC: 20 Nov 2026 13:05 UTC."""
    return f"{moment:%d %b %Y %H:%M} UTC".lstrip("0") if moment else "an unknown time"


def intents(facts: Facts) -> list[Row]:
    """The invoice's PaymentIntents: the main one first, then its siblings where they are known."""
    main = facts["intent"]
    others = facts["siblings"] if facts.known("siblings") else []
    known = [each for each in (main, *others) if each is not None and each["status"] is not None]
    return list({each["id"]: each for each in reversed(known)}.values())[::-1]


def captured(facts: Facts) -> list[Row]:
    """
    The charges whose money was taken, newest first.

    A PaymentIntent that says it succeeded counts although its charge was not read, so that captured money is
    never overlooked.
    """
    charges = facts["charges"] if facts.known("charges") or not facts.known("intent") else []
    taken = [each for each in charges if each["status"] == "succeeded" and each["captured"] and each["amount_captured"]]
    seen = {each["payment_intent"] for each in taken}
    for intent in intents(facts) if facts.known("intent") else []:
        if intent["status"] == "succeeded" and intent["amount_received"] and intent["id"] not in seen:
            taken.append(_charge_of(intent))
    return taken


def _charge_of(intent: Row) -> Row:
    return {
        "id": intent["latest_charge_id"],
        "payment_intent": intent["id"],
        "amount_captured": intent["amount_received"],
        "currency": intent["currency"],
        "created": intent["latest_charge_created"] or intent["created"],
        "payment_method_details_type": None,
    }


def given_back(charge: Row, refunds: Sequence[Row], *statuses: str) -> int:
    """How much of a charge its refunds of these statuses return."""
    wanted = statuses or LIVE_REFUND
    return sum(each["amount"] for each in refunds if each["charge"] == charge["id"] and each["status"] in wanted)


def kept(facts: Facts) -> list[Row]:
    """The captured charges whose money is still ours, in whole or part; a refund on its way counts as gone."""
    refunds = facts["refunds"] if facts.known("refunds") else None
    return [each for each in captured(facts) if each["amount_captured"] > _returned(each, refunds)]


def _returned(charge: Row, refunds: Sequence[Row] | None) -> int:
    if refunds is None:
        # The charge itself knows what was refunded; only the states of the refunds are missing.
        refunded: int = charge.get("amount_refunded") or 0
        return refunded
    return given_back(charge, refunds)


def held(facts: Facts) -> list[Row]:
    """The charges that are authorised and not captured: money on hold."""
    return [
        each
        for each in facts["charges"]
        if each["status"] == "succeeded" and not each["captured"] and not each["amount_refunded"]
    ]


def open_disputes(facts: Facts) -> list[Row]:
    """The disputes that are open or lost."""
    return [each for each in facts["disputes"] if each["status"] not in CLOSED_DISPUTE]


def recorded_paid(facts: Facts) -> list[Row]:
    """The payments rows that say money came in; a refund is a row of its own."""
    return [each for each in facts["payments"] if each["status"] == "succeeded" and not each["stripe_refund_id"]]


def recorded_refunds(facts: Facts, *statuses: str) -> list[Row]:
    """The payments rows that say money went back, or is on its way."""
    return [each for each in facts["payments"] if each["status"] in statuses]


def total(rows: Sequence[Row], field: str) -> int:
    """The sum of a field, in minor units."""
    return sum(each[field] for each in rows)


def names(rows: Sequence[Row], field: str = "id") -> str:
    """Ids for a sentence."""
    return ", ".join(str(each[field]) for each in rows) or "none"


def currency_of(row: Row) -> Any:
    """The currency as Stripe spells it, in lower case."""
    return str(row["currency"]).lower()
