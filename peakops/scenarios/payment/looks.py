"""What the scenarios of one payment look at in common: the invoice, its PaymentIntents, and all that hangs on them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from peakops.scenario import Answer, Look, Promise, Row
from peakops.scenarios.payment.money import amount
from peakops.scenarios.words import day

INTENT = "stripe_payment_intent_id"
STRIPE_ID = re.compile(r"(pi|ch|py)_\w+")
FINDERS = ("pointer", "customers", "invoice")
"""The looks that find the subject, in order."""
HANGING = ("charges", "refunds", "disputes")
"""What hangs on a PaymentIntent; each is looked at apart for the main one and for its siblings."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """The invoice that was typed in one of its forms, and what the portal and the form say of its PaymentIntents."""

    typed: str
    bill: Answer
    paid: Answer
    pointed: Promise | None

    @property
    def stored(self) -> Promise:
        """The PaymentIntent that is written on the invoice."""
        return self.bill[INTENT].otherwise(self.typed if self.typed.startswith("pi_") else None)

    @property
    def recorded(self) -> Promise:
        """The PaymentIntents of the payments rows."""
        return self.paid.then(each(INTENT)).otherwise(())


@dataclass(frozen=True, kw_only=True)
class Known:
    """The invoice's PaymentIntents as they become known: the main one, and the others."""

    main: Promise
    others: Promise
    moments: Promise
    alone: Promise


def subject(look: Look, given: str) -> Subject:
    """The looks `invoice` and `payments`, and before them `pointer` or `customers` where the form needs one."""
    typed = given.strip()
    bill, pointed = _invoice(look, typed)
    paid = look.rows("payments", "payment/payments_of_invoice", invoice=bill["id"])
    return Subject(typed=typed, bill=bill, paid=paid, pointed=pointed)


def intents(look: Look, of: Subject) -> Known:
    """The looks `intent` and `siblings`."""
    whose = {
        "customer": of.bill["stripe_customer_id"].otherwise(None),
        "number": of.bill["invoice_number"].otherwise(of.typed),
        "since": of.bill["created_at"].otherwise(None),
    }
    intent = look.at("stripe", "intent", "intent", id=of.stored, **whose)
    siblings = look.at("stripe", "siblings", "siblings", others=(of.recorded, of.pointed), **whose)
    return Known(
        main=intent.then(_existing).otherwise(of.stored),
        others=siblings.then(each("id")).otherwise(of.recorded),
        moments=intent.then(_moments).otherwise(()),
        alone=of.paid.then(_charges_without_intent).otherwise(()),
    )


def hanging(look: Look, on: Known, name: str) -> tuple[Answer, Answer]:
    """
    The looks NAME and sibling_NAME.

    What hangs on the main PaymentIntent is asked for apart from what hangs on its siblings, so that a slow list of
    siblings hides nothing that the main one shows.
    """
    return (
        look.at("stripe", name, name, intents=(on.main,)),
        look.at("stripe", f"sibling_{name}", name, intents=(on.others,), but=on.main, alone=on.alone),
    )


def claims(look: Look, of: Subject, on: Known, charges: tuple[Answer, Answer]) -> None:
    """The look at other invoices that have these PaymentIntents, or these charges, as their own payment."""
    ids = (on.main, on.others, *(each_of.then(each("id")).otherwise(()) for each_of in charges))
    look.rows("claims", "payment/claims_elsewhere", ids=ids, invoice=of.bill["id"])


def _invoice(look: Look, typed: str) -> tuple[Answer, Promise | None]:
    """
    The look that finds the invoice by whatever was typed, and the PaymentIntent that was pointed at.

    Each kind of identifier has a query of its own, so that none reads a table that it does not need: a table that is
    locked or gone hides only what it holds.
    """
    pointed: Promise | None = None
    ways: list[list[Any]] = [["payment/invoices", {"number": typed}]]
    if STRIPE_ID.fullmatch(typed):
        pointer = look.at("stripe", "pointer", "pointer", subject=typed)
        pointed = pointer["intent"].otherwise(None)
        ids = [{"stripe_id": typed}, {"stripe_id": pointed}]
        ways = [["payment/invoices_by_stripe_id", each] for each in ids]
        ways.append(["payment/invoices", {"number": pointer["number"].otherwise(None)}])
    elif "@" in typed:
        # The payer's address at Stripe may be another than any user's in the portal.
        customers = look.at("stripe", "customers", "customers", email=typed).then(each("id")).otherwise([])
        ways = [["payment/invoices_by_email", {"email": typed, "customers": customers}]]
    elif _is_uuid(typed):
        ways = [["payment/invoices", {"id": str(UUID(typed))}]]
    return look.at("database", "invoice", "find", ways=ways), pointed


def _is_uuid(typed: str) -> bool:
    try:
        return bool(UUID(typed))
    except ValueError:
        return False


def each(field: str) -> Callable[[list[Row]], list[Any]]:
    """A field of every row, for a promise."""
    return lambda rows: [row[field] for row in rows]


def _charges_without_intent(payments: list[Row]) -> list[str]:
    """The charges that are recorded without their PaymentIntent, so that only their own id leads to them."""
    return [row["stripe_charge_id"] for row in payments if row["stripe_charge_id"] and not row[INTENT]]


def _existing(intent: Row | None) -> str | None:
    """The id of a PaymentIntent that Stripe has, in the key's mode."""
    return intent["id"] if intent and intent["status"] else None


def _moments(intent: Row | None) -> list[datetime]:
    """When the intent's events were made: at its newest charge, and at its cancellation."""
    moments = (intent["latest_charge_created"], intent["canceled_at"]) if intent else ()
    return [moment for moment in moments if moment]


def absent(typed: str) -> str:
    """The sentence for an invoice that is not there."""
    if "@" in typed:
        return f"There is no open invoice of '{typed.strip()}', or no such user and customer."
    return f"The portal has no invoice '{typed.strip()}'."


def candidate(invoice: Row) -> Row:
    """What is listed of each invoice that an identifier fits."""
    fields = ("id", "invoice_number", "status", "amount_due", "currency", "practice", "created_at")
    due = amount(invoice["amount_due"], invoice["currency"])
    says = (
        f"{invoice['invoice_number']}  {invoice['status']}  {due}  {invoice['practice']}  {day(invoice['created_at'])}"
    )
    return {**{field: invoice[field] for field in fields}, "says": says}
