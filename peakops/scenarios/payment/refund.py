"""
Give a duplicate payment back: the surplus charge alone, its row in the portal, a message to the practice.

Refused for a charge that is kept, disputed or not captured, and for more than PEAKOPS_REFUND_LIMIT.

Example: peakops payment refund INV-123 --dry-run
"""

from collections.abc import Mapping
from typing import Any

from peakops import playbook
from peakops.errors import Refused
from peakops.fix import Action, Fix, Grade, Plan, Proposal
from peakops.scenario import Facts, Row
from peakops.scenarios.arguments import SurplusCharge
from peakops.scenarios.payment.duplicates import SCENARIO
from peakops.scenarios.payment.duplicates_money import barred, kept_charge, refundable, surplus, why_kept
from peakops.scenarios.payment.invoice_fixes import EVERYTHING, subject
from peakops.scenarios.payment.money import LIVE_REFUND, amount, captured, command_for, given_back, names, refunds


def propose(facts: Facts, *, charge: SurplusCharge = None, refund_limit: int | None) -> Proposal:
    """A refund of each surplus charge, and after each its row in the portal and the message, in one transaction."""
    invoice, chosen = facts["invoice"], _chosen(facts, charge.strip() if charge else None)
    _within(chosen, facts, refund_limit)
    actions: list[Action] = []
    for number, each in enumerate(chosen):
        back = refundable(facts, each)
        text = _letter(invoice, amount(back, each["currency"]))
        # Two steps a charge: the refund, and the transaction that records it.
        actions += [_refund(invoice, each, back), _record(invoice, each, back, 2 * number + 1), _notice(invoice, text)]
    total = amount(sum(refundable(facts, each) for each in chosen), chosen[0]["currency"])
    hold = ("payment/lock_invoice", {"invoice": str(invoice["id"])})
    return Proposal(actions=tuple(actions), customer=_letter(invoice, total)["body"], holds=hold)


def _chosen(facts: Facts, named: str | None) -> list[Row]:
    """The surplus charges to give back: the one that was named, or all. Raises Refused where one must not be."""
    extra = surplus(facts)
    wanted = [each for each in extra if named in (None, each["id"])]
    kept = kept_charge(facts)
    if named and kept and named == kept["id"]:
        says = f"{named} is the charge to keep: {why_kept(facts)}. The surplus is {names(extra)}."
        raise Refused(says, hint=f"Name {extra[0]['id']}, or leave --charge out.", code="fix.kept_charge")
    if not wanted:
        says = f"{named} is no surplus charge of {facts['invoice']['invoice_number']}; that is {names(extra)}."
        raise Refused(says, hint=command_for("duplicates", facts["invoice"]["invoice_number"]), code="fix.no_surplus")
    free = [each for each in wanted if not barred(facts, each)]
    if not free or (named is None and len(free) < len(wanted)):
        against = next(each for each in wanted if barred(facts, each))
        says = f"{against['id']} must not be refunded: {barred(facts, against)}."
        hint = f"Name another with --charge: {names(free)}." if free else "Settle that first; see the check."
        raise Refused(says, hint=hint, code="fix.barred_charge")
    return free


def _within(chosen: list[Row], facts: Facts, limit: int | None) -> None:
    back, unit = sum(refundable(facts, each) for each in chosen), chosen[0]["currency"]
    if limit is not None and back > limit:
        says = f"{amount(back, unit)} is more than PEAKOPS_REFUND_LIMIT allows, {amount(limit, unit)}."
        raise Refused(says, hint="Ask somebody whose limit is higher, or the technical lead.", code="fix.refund_limit")


def _refund(invoice: Row, charge: Row, back: int) -> Action:
    taken, unit = amount(charge["amount_captured"], charge["currency"]), charge["currency"]
    return Action(
        via="stripe",
        call="refund",
        params={
            "charge": charge["id"],
            "amount": back,
            "was_refunded": charge["amount_refunded"],
            "reason": "duplicate",
            "invoice": invoice["invoice_number"],
        },
        target=f"charge {charge['id']} over {taken}",
        was=f"{amount(charge['amount_refunded'], unit)} refunded",
        becomes=f"{amount(charge['amount_refunded'] + back, unit)} refunded",
        final="A refund cannot be called back, and Stripe does not return its fees.",
    )


def _record(invoice: Row, charge: Row, back: int, step: int) -> Action:
    return Action(
        via="database",
        call="payment/record_refund",
        params={
            "invoice": str(invoice["id"]),
            "amount": back,
            "currency": charge["currency"],
            "intent": charge["payment_intent"],
            "charge": charge["id"],
            "refund": {"of": step, "field": "id"},
        },
        target=f"payments row of the refund of {charge['id']}",
        was="none",
        becomes=f"refund_pending, {amount(back, charge['currency'])}",
        undo="Delete the row, if the refund failed.",
    )


def _letter(invoice: Row, back: str) -> dict[str, str]:
    """What the practice is told, in the playbook's words."""
    words = playbook.words("payment")["notice"]["refund"]
    return {key: text.format(amount=back, number=invoice["invoice_number"]) for key, text in words.items()}


def _notice(invoice: Row, text: dict[str, str]) -> Action:
    return Action(
        via="database",
        call="payment/queue_refund_notice",
        params={
            "practice": str(invoice["practice_id"]),
            "subject": text["subject"],
            "body": text["body"],
        },
        target=f"message to {invoice['practice']}",
        was="none",
        becomes=f"queued: {text['subject']}",
        undo="Delete the row before the portal sends it.",
    )


def holds(facts: Facts, options: Mapping[str, Any]) -> bool:
    """Whether something was given back already, and that which is named. Raises Refused for another charge."""
    back = [each["id"] for each in captured(facts) if given_back(each, refunds(facts))]
    named = options.get("charge")
    if named and named.strip() not in back:
        says = f"{named.strip()} is no charge of {facts['invoice']['invoice_number']} that was given back."
        raise Refused(says, hint=command_for("duplicates", facts["invoice"]["invoice_number"]), code="fix.no_surplus")
    return bool(back)


def happened(facts: Facts, plan: Plan) -> dict[int, Mapping[str, Any]]:
    """The refunds that Stripe has of this plan, by their step."""
    made = {
        each["charge"]: {"id": each["id"], "status": each["status"], "already": True}
        for each in refunds(facts)
        if each["metadata_peakops_plan"] == plan.hash and each["status"] in LIVE_REFUND
    }
    calls = {
        number: actions[0].params["charge"]
        for number, actions in plan.steps()
        if actions and actions[0].call == "refund"
    }
    return {number: made[charge] for number, charge in calls.items() if charge in made}


def pending(facts: Facts) -> str:
    """Which refund of the invoice is under way, with Stripe's reason."""
    made = [each for each in refunds(facts) if each["status"] in ("pending", "requires_action")]
    if not made:
        return ""
    why = f" ({made[0]['pending_reason']})" if made[0]["pending_reason"] else ""
    return f"{made[0]['id']} is {made[0]['status']}{why}."


FIX = Fix(
    module=__name__,
    scenario=SCENARIO,
    remedies=("double_charge",),
    settled=("already_refunded", "refund_pending", "no_duplicate"),
    needs=EVERYTHING,
    grade=Grade.CONSEQUENTIAL,
    audit="invoice.payment_refunded",
    subject=subject,
    propose=propose,
    limits=("refund_limit",),
    own=("charge",),
    holds=holds,
    happened=happened,
    pending=pending,
)
