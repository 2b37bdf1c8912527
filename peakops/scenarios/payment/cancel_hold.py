"""
Cancel a pre-authorisation beside a payment: what was only set aside is released, not refunded.

Only for `hold_and_charge`: the invoice is settled by another charge, and the hold would take the money twice.

Example: peakops payment cancel-hold INV-123 --dry-run
"""

from collections.abc import Mapping
from typing import Any

from peakops.errors import Refused
from peakops.fix import Action, Fix, Grade, Plan, Proposal
from peakops.scenario import Facts, Row
from peakops.scenarios.payment.duplicates import SCENARIO
from peakops.scenarios.payment.duplicates_money import disputed, elsewhere, holds, kept_charge
from peakops.scenarios.payment.invoice_fixes import EVERYTHING, subject
from peakops.scenarios.payment.money import amount, command_for, intents


def propose(facts: Facts) -> Proposal:
    """A cancellation of each PaymentIntent that only holds money."""
    held = [each for each in holds(facts) if each["id"].startswith("pi_")]
    if not held:
        says = "The hold has no PaymentIntent that could be canceled; Stripe releases it by itself."
        raise Refused(says, hint="Look at the charge in Stripe's dashboard.", code="fix.no_hold")
    kept = kept_charge(facts)
    if kept is None or disputed(facts, kept) is not False:
        says = "The charge that settles the invoice is disputed, or gone: the hold may be the only money there is."
        raise Refused(says, hint="Settle the dispute first.", code="fix.disputed")
    claimed = [number for each in held for number in elsewhere(facts, {"id": each["id"], "payment_intent": each["id"]})]
    if claimed:
        raise Refused(
            f"{claimed[0]} has this hold as its own.", hint=command_for("check", claimed[0]), code="fix.claimed"
        )
    return Proposal(actions=tuple(_cancel(each) for each in held))


def happened(facts: Facts, plan: Plan) -> dict[int, Mapping[str, Any]]:
    """The PaymentIntents of the plan that are canceled, by their step."""
    gone = {each["id"]: each["status"] for each in intents(facts) if each["status"] == "canceled"}
    calls = {number: actions[0].params["intent"] for number, actions in plan.steps() if actions}
    return {
        number: {"id": intent, "status": gone[intent], "already": True}
        for number, intent in calls.items()
        if intent in gone
    }


def _cancel(intent: Row) -> Action:
    return Action(
        via="stripe",
        call="cancel",
        params={"intent": intent["id"], "was_status": intent["status"]},
        target=f"PaymentIntent {intent['id']} over {amount(intent['amount'], intent['currency'])}",
        was=f"{intent['status']}, {amount(intent['amount_capturable'] or 0, intent['currency'])} on hold",
        becomes="canceled, nothing on hold",
        final="A canceled PaymentIntent cannot be used again; the customer would have to pay anew.",
    )


FIX = Fix(
    module=__name__,
    scenario=SCENARIO,
    remedies=("hold_and_charge",),
    settled=("no_duplicate", "already_refunded", "failed_then_paid"),
    needs=EVERYTHING,
    happened=happened,
    grade=Grade.CONSEQUENTIAL,
    audit="invoice.hold_canceled",
    subject=subject,
    propose=propose,
)
