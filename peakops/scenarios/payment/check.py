"""
Payment failed: the customer says it did not go through, or the invoice still shows as unpaid.

Looks at the invoice, its payments and webhook events, and at Stripe, all at once, and says what is wrong.

Example: peakops payment check INV-123
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from peakops.model import Severity
from peakops.scenario import Answer, Look, Promise, Row, Scenario
from peakops.scenarios.arguments import PaymentSubject
from peakops.scenarios.payment import check_attempt as attempt
from peakops.scenarios.payment import check_money as money
from peakops.scenarios.payment import check_refund as refund
from peakops.scenarios.payment.money import amount, day
from peakops.scenarios.payment.truth import brief, truth

INTENT = "stripe_payment_intent_id"
STRIPE_ID = re.compile(r"(pi|ch|py)_\w+")


def gather(look: Look, invoice: PaymentSubject) -> None:
    """
    Declare the looks; with a stored PaymentIntent none waits for more than two of Stripe's answers.

    What hangs on the main PaymentIntent is asked for apart from what hangs on its siblings, so that a slow list of
    siblings hides nothing that the main one shows.
    """
    typed = invoice.strip()
    bill, pointed = _invoice(look, typed)
    paid = look.rows("payments", "payment/payments_of_invoice", invoice=bill["id"])
    recorded = paid.then(_each(INTENT)).otherwise(())
    stored = bill[INTENT].otherwise(typed if typed.startswith("pi_") else None)
    whose = {
        "customer": bill["stripe_customer_id"].otherwise(None),
        "number": bill["invoice_number"].otherwise(typed),
        "since": bill["created_at"].otherwise(None),
    }
    log: dict[str, Any] = {"query": "payment/webhook_events", "number": bill["invoice_number"], "invoice": bill["id"]}
    ids = (stored, recorded, pointed, paid.then(_each("stripe_charge_id")).otherwise(()))
    look.rows("webhooks", ids=ids, **log)
    intent = look.at("stripe", "intent", "intent", id=stored, **whose)
    siblings = look.at("stripe", "siblings", "siblings", others=(recorded, pointed), **whose)
    main = intent.then(_existing).otherwise(stored)
    alone = paid.then(_charges_without_intent).otherwise(())
    others = siblings.then(_each("id")).otherwise(recorded)
    for name in ("charges", "refunds", "disputes"):
        answer = look.at("stripe", name, name, intents=(main,))
        look.at("stripe", f"sibling_{name}", name, intents=(others,), but=main, alone=alone)
        if name == "charges":
            look.rows("webhooks_of_charges", ids=(answer.then(_each("id")),), **log)
    moments = intent.then(_moments).otherwise(())
    look.at("stripe", "events", "events", intents=(main, others), moments=moments)
    look.at("stripe", "endpoints", "endpoints")
    look.rows("claims", "payment/claims_elsewhere", ids=(main, others), invoice=bill["id"])


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
        customers = look.at("stripe", "customers", "customers", email=typed).then(_each("id")).otherwise([])
        ways = [["payment/invoices_by_email", {"email": typed, "customers": customers}]]
    elif _is_uuid(typed):
        ways = [["payment/invoices", {"id": str(UUID(typed))}]]
    return look.at("database", "invoice", "find", ways=ways), pointed


def _is_uuid(typed: str) -> bool:
    try:
        return bool(UUID(typed))
    except ValueError:
        return False


def _each(field: str) -> Callable[[list[Row]], list[Any]]:
    return lambda rows: [each[field] for each in rows]


def _charges_without_intent(payments: list[Row]) -> list[str]:
    """The charges that are recorded without their PaymentIntent, so that only their own id leads to them."""
    return [each["stripe_charge_id"] for each in payments if each["stripe_charge_id"] and not each[INTENT]]


def _existing(intent: Row | None) -> str | None:
    """The id of a PaymentIntent that Stripe has, in the key's mode."""
    return intent["id"] if intent and intent["status"] else None


def _moments(intent: Row | None) -> list[datetime]:
    """When the intent's events were made: at its newest charge, and at its cancellation."""
    moments = (intent["latest_charge_created"], intent["canceled_at"]) if intent else ()
    return [each for each in moments if each]


def _absent(typed: str) -> str:
    if "@" in typed:
        return f"There is no open invoice of '{typed.strip()}', or no such user and customer."
    return f"The portal has no invoice '{typed.strip()}'."


def _candidate(invoice: Row) -> Row:
    fields = ("id", "invoice_number", "status", "amount_due", "currency", "practice", "created_at")
    due = amount(invoice["amount_due"], invoice["currency"])
    says = (
        f"{invoice['invoice_number']}  {invoice['status']}  {due}  {invoice['practice']}  {day(invoice['created_at'])}"
    )
    return {**{field: invoice[field] for field in fields}, "says": says}


SCENARIO = Scenario(
    module=__name__,
    gather=gather,
    checks=(
        money.mode,
        money.currency,
        money.dispute,
        money.twice,
        refund.refund,
        money.amounts,
        money.record,
        money.money,
        attempt.radar,
        attempt.hold,
        attempt.bank,
        attempt.customer,
        attempt.decline,
        attempt.attempt,
        money.settled,
    ),
    subject=("pointer", "customers", "invoice"),
    needs={
        Severity.WARNING: ("invoice", "payments", "intent", "charges"),
        # Money that a sibling took, and its refunds, speak against an ok verdict as the main one's do.
        Severity.OK: (
            *("invoice", "payments", "intent", "charges", "refunds", "disputes"),
            *("siblings", "sibling_charges", "sibling_refunds", "sibling_disputes"),
        ),
    },
    brief=brief,
    plural="invoices",
    absent=_absent,
    candidate=_candidate,
    data=lambda facts: {"truth": truth(facts), "decline": attempt.decline_of(facts)},
)
