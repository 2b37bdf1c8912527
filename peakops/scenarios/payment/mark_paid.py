"""
Record a payment that Stripe took and the portal does not know: the invoice and its payments row.

Only for `paid_not_recorded`, with amount, currency, mode and refunds checked. Where Stripe can still send the event,
that is the better way, since the portal then records the payment itself.

Example: peakops payment mark-paid INV-123 --dry-run
"""

from typing import Any

from peakops.errors import Refused
from peakops.fix import Action, Fix, Grade, Proposal
from peakops.scenario import Facts, Row
from peakops.scenarios.payment.check import SCENARIO
from peakops.scenarios.payment.invoice_fixes import EVERYTHING, subject
from peakops.scenarios.payment.money import amount, kept, net, recorded_paid, unrecorded
from peakops.scenarios.payment.webhook import delivery
from peakops.scenarios.words import day

BETTER = "Stripe can still send the event, and the portal would then record the payment itself:"


def propose(facts: Facts) -> Proposal:
    """The invoice becomes paid where it is not, and each charge that has no payments row gets one."""
    invoice, taken = facts["invoice"], kept(facts)
    _guard(facts, invoice, taken)
    actions = [_record(invoice, each) for each in unrecorded(taken, recorded_paid(facts))]
    if invoice["status"] != "paid":
        actions.insert(0, _mark(invoice, taken[0]))
    better = tuple(f"{BETTER} {each}" for each in delivery(facts, taken).next)
    return Proposal(actions=tuple(actions), notes=better, holds=("payment/hold_invoice", _seen(invoice)))


def _seen(invoice: Row) -> dict[str, Any]:
    """The invoice as it was seen, which a write repeats."""
    return {
        "invoice": str(invoice["id"]),
        "was_status": invoice["status"],
        "was_amount_due": invoice["amount_due"],
        "was_currency": invoice["currency"],
        "was_updated_at": invoice["updated_at"].isoformat(),
    }


def _guard(facts: Facts, invoice: Row, taken: list[Row]) -> None:
    if invoice["status"] not in ("open", "paid"):
        says = f"The invoice is '{invoice['status']}': whether it may become paid is for a person to decide."
        raise Refused(says, hint="Reopen the invoice in the portal first.", code="fix.not_open")
    back = [each for each in taken if net(facts, each) != each["amount_captured"]]
    if back:
        says = f"A part of {back[0]['id']} was given back: whether the invoice is paid is for a person to decide."
        raise Refused(says, hint="Settle the refund first.", code="fix.partly_refunded")
    if any(not each["payment_intent"] or not each["id"].startswith(("ch_", "py_")) for each in taken):
        raise Refused("The charge that took the money could not be read.", code="fix.unproven")


def _mark(invoice: Row, charge: Row) -> Action:
    due = amount(invoice["amount_due"], invoice["currency"])
    return Action(
        via="database",
        call="payment/mark_invoice_paid",
        params={
            **_seen(invoice),
            "intent": charge["payment_intent"],
            "paid_at": charge["created"].isoformat(),
        },
        target=f"invoice {invoice['invoice_number']} over {due}",
        was=f"{invoice['status']}, paid_at {day(invoice['paid_at']) if invoice['paid_at'] else 'empty'}",
        becomes=f"paid, paid_at {day(charge['created'])}",
        undo=f"Set it to '{invoice['status']}' again; the audit log keeps what it was.",
    )


def _record(invoice: Row, charge: Row) -> Action:
    taken = amount(charge["amount_captured"], charge["currency"])
    return Action(
        via="database",
        call="payment/record_payment",
        params={
            "invoice": str(invoice["id"]),
            "amount": charge["amount_captured"],
            "currency": charge["currency"],
            "intent": charge["payment_intent"],
            "charge": charge["id"],
        },
        target=f"payments row of {charge['id']}",
        was="none",
        becomes=f"succeeded, {taken}",
        undo="Delete the row.",
    )


FIX = Fix(
    module=__name__,
    scenario=SCENARIO,
    remedies=("paid_not_recorded",),
    settled=("paid",),
    forbids=("refund_pending", "authorised_not_captured", "bank_debit_pending"),
    needs=EVERYTHING,
    grade=Grade.CONSEQUENTIAL,
    audit="invoice.marked_paid",
    subject=subject,
    propose=propose,
)
