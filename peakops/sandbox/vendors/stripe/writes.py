"""What Stripe does on a POST: refund, cancel, capture, and send an event again."""

import secrets
from typing import Any

from peakops.sandbox.vendors.stripe import expand, refunds
from peakops.sandbox.vendors.stripe.completion import complete_one
from peakops.sandbox.vendors.stripe.envelope import Refusal
from peakops.sandbox.vendors.stripe.reads import Call, find
from peakops.sandbox.vendors.stripe.relations import GIVES_BACK
from peakops.sandbox.vendors.stripe.store import Object, at, index_of

REFUND_REASONS = ("duplicate", "fraudulent", "requested_by_customer")
CANCELLATION_REASONS = ("abandoned", "duplicate", "fraudulent", "requested_by_customer")
CANCELABLE = ("requires_payment_method", "requires_capture", "requires_confirmation", "requires_action")

REFUND_PARAMETERS = (
    "amount",
    "charge",
    "currency",
    "customer",
    "expand",
    "instructions_email",
    "metadata",
    "origin",
    "payment_intent",
    "reason",
    "refund_application_fee",
    "reverse_transfer",
)
CAPTURE_PARAMETERS = (
    "amount_details",
    "amount_to_capture",
    "application_fee_amount",
    "expand",
    "final_capture",
    "hooks",
    "metadata",
    "payment_details",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_data",
)


def create_refund(call: Call) -> Object:
    """Refund a charge, in full or in part."""
    given = call.parameters
    given.only(REFUND_PARAMETERS)
    tree = expand.tree_for("refund", given.many("expand"))
    amount, reason = given.integer("amount", least=1), one_of(call, "reason", REFUND_REASONS)
    charge = charge_to_refund(call)
    left = charge["amount"] - charge["amount_refunded"]
    refuse_refund(charge, left if amount is None else amount, left)
    amount = left if amount is None else amount
    said = refunds.said_of(call.state, charge)
    refund = add_refund(call, charge, amount, said, reason=reason, metadata=given.metadata())
    refunds.expect(call.state, said, refund, call.now)
    return expand.render(call.view, "refunds", refund, tree)


def add_refund(call: Call, charge: Object, amount: int, said: dict[str, Any], **more: Any) -> Object:
    """Put a refund beside its charge, as it begins, and count it there unless it has failed at once."""
    identifier = new_id("re")
    refund = {
        "id": identifier,
        "amount": amount,
        "charge": charge["id"],
        "created": int(call.now.timestamp()),
        **refunds.begun(said, identifier),
        **more,
    }
    complete_one(call.state, "refunds", refund)
    call.state["refunds"].append(refund)
    if refund["status"] in GIVES_BACK:
        refunds.count(charge, amount)
    return refund


def charge_to_refund(call: Call) -> Object:
    """The charge that is named, or the latest charge of the PaymentIntent that is named."""
    charge, intent = call.parameters.text("charge"), call.parameters.text("payment_intent")
    if charge:
        return find(call, "charges", charge, param="charge")
    if not intent:
        message = "A refund needs one of these parameters: payment_intent, charge."
        raise Refusal(400, message, code="parameter_missing", param="payment_intent")
    found = find(call, "payment_intents", intent, param="payment_intent")
    latest = index_of(call.state, "charges").get(str(found["latest_charge"]))
    if latest is None or latest["status"] != "succeeded":
        raise unexpected(f"This PaymentIntent ({intent}) does not have a successful charge to refund.", found)
    return latest


def refuse_refund(charge: Object, amount: int, left: int) -> None:
    """Refuse what Stripe does not give back: money that did not come, is gone already, or is disputed."""
    name = charge["id"]
    if charge["refunded"]:
        raise Refusal(400, f"Charge {name} has already been refunded.", executed=True, code="charge_already_refunded")
    if charge["status"] != "succeeded" or not charge["captured"]:
        message = f"Charge {name} was not captured; cancel its PaymentIntent instead."
        raise Refusal(400, message, executed=True, code="charge_not_refundable", param="charge")
    if charge["disputed"]:
        message = f"Charge {name} has been charged back; cannot issue a refund."
        raise Refusal(400, message, executed=True, code="charge_disputed")
    if amount > left:
        message = f"Refund amount ({money(amount)}) is greater than unrefunded amount on charge ({money(left)})"
        raise Refusal(400, message, executed=True, param="amount")


def cancel(call: Call, identifier: str) -> Object:
    """Cancel a PaymentIntent; money that was only held is released."""
    call.parameters.only(("cancellation_reason", "expand"))
    tree = expand.tree_for("payment_intent", call.parameters.many("expand"))
    reason = one_of(call, "cancellation_reason", CANCELLATION_REASONS)
    intent = find(call, "payment_intents", identifier)
    slow_debit = intent["status"] == "processing" and "us_bank_account" in intent["payment_method_types"]
    if intent["status"] not in CANCELABLE and not slow_debit:
        message = f"This PaymentIntent's status is {intent['status']}; it cannot be canceled from there."
        raise unexpected(message, intent)
    held = index_of(call.state, "charges").get(str(intent["latest_charge"]))
    if intent["status"] == "requires_capture" and held:
        add_refund(call, held, held["amount"] - held["amount_refunded"], {"status": "succeeded"})
    intent |= {
        "status": "canceled",
        "canceled_at": int(call.now.timestamp()),
        "cancellation_reason": reason,
        "amount_capturable": 0,
        "next_action": None,
    }
    return expand.render(call.view, "payment_intents", intent, tree)


def capture(call: Call, identifier: str) -> Object:
    """Take the money that a PaymentIntent holds, or a part of it."""
    call.parameters.only(CAPTURE_PARAMETERS)
    tree = expand.tree_for("payment_intent", call.parameters.many("expand"))
    amount = call.parameters.integer("amount_to_capture", least=1)
    intent = find(call, "payment_intents", identifier)
    if intent["status"] != "requires_capture":
        raise unexpected(f"This PaymentIntent's status is {intent['status']}; it cannot be captured.", intent)
    held = index_of(call.state, "charges").get(str(intent["latest_charge"]))
    if amount is not None and amount > intent["amount_capturable"]:
        message = f"{money(amount)} is more than can be captured ({money(intent['amount_capturable'])})."
        raise Refusal(400, message, executed=True, code="amount_too_large", param="amount_to_capture")
    amount = intent["amount_capturable"] if amount is None else amount
    if held:
        capture_charge(call, held, amount)
    intent |= {"status": "succeeded", "amount_received": amount, "amount_capturable": 0}
    return expand.render(call.view, "payment_intents", intent, tree)


def capture_charge(call: Call, held: Object, amount: int) -> None:
    """Capture the charge behind a PaymentIntent, if its time has not run out."""
    until = at(held, "payment_method_details.card.capture_before")
    if until is not None and until < call.now.timestamp():
        message = f"Charge {held['id']} has expired and can no longer be captured."
        raise Refusal(400, message, executed=True, code="charge_expired_for_capture")
    held |= {"captured": True, "amount_captured": amount, "balance_transaction": new_id("txn")}


def retry_event(call: Call, identifier: str) -> Object:
    """Send an event again; the endpoint takes it, so one delivery fewer is open."""
    call.parameters.only(("webhook_endpoint", "account", "for_stripecli", "expand"))
    event = find(call, "events", identifier)
    name = call.parameters.text("webhook_endpoint")
    if not name and not call.parameters.flag("for_stripecli"):
        message = "Missing required param: webhook_endpoint."
        raise Refusal(400, message, code="parameter_missing", param="webhook_endpoint")
    if name:
        endpoint = find(call, "webhook_endpoints", name, param="webhook_endpoint")
        if endpoint["status"] != "enabled":
            raise Refusal(400, f"The webhook endpoint {name} is disabled.", param="webhook_endpoint")
        event["pending_webhooks"] = max(0, event["pending_webhooks"] - 1)
    return event


def unexpected(message: str, intent: Object) -> Refusal:
    """The refusal of a step that a PaymentIntent's status does not allow; it carries the PaymentIntent."""
    code = "payment_intent_unexpected_state"
    return Refusal(400, message, executed=True, code=code, payment_intent=dict(intent))


def one_of(call: Call, name: str, known: tuple[str, ...]) -> str | None:
    """A parameter that takes one of a few words."""
    value = call.parameters.text(name)
    if value is not None and value not in known:
        raise Refusal(400, f"Invalid {name}: must be one of {', '.join(known)}", param=name)
    return value


def new_id(prefix: str) -> str:
    """An id in Stripe's form that has not been given out before."""
    return f"{prefix}_{secrets.token_hex(12)}"


def money(amount: Any) -> str:
    """An amount of cents as Stripe writes it in a sentence."""
    return f"${amount / 100:,.2f}"
