"""What Stripe puts into the fields that a world leaves out, where the value follows from other objects or fields."""

from typing import Any

from peakops.sandbox.vendors.stripe.blanks import CARD, OUTCOME, TO_BANK, TO_CARD, fill
from peakops.sandbox.vendors.stripe.relations import Relations
from peakops.sandbox.vendors.stripe.store import Object, identifier_of

CAPTURE_WINDOW_S = 7 * 24 * 3600
"""How long Visa and Mastercard hold money for a customer who pays online."""

SESSION_LIFE_S = 24 * 3600
REFUSED = ("issuer_declined", "blocked", "invalid")

NETWORK_STATUS = {
    "authorized": "approved_by_network",
    "manual_review": "approved_by_network",
    "issuer_declined": "declined_by_network",
    "blocked": "not_sent_to_network",
    "invalid": "not_sent_to_network",
}
SELLER_MESSAGE = {
    "authorized": "Payment complete.",
    "manual_review": "Payment complete, and placed in review.",
    "issuer_declined": "The bank declined the payment.",
    "blocked": "Stripe blocked this payment.",
    "invalid": "The request for this payment was not valid.",
}


def default(found: Object, name: str, value: Any) -> Any:
    """Set a field unless it is given; its value either way."""
    return found.setdefault(name, value)


def charge(found: Object, among: Relations) -> None:
    """A charge: whether it succeeded, what was captured and given back, and why."""
    intent = among.get("payment_intents", found.get("payment_intent")) or {}
    default(found, "amount", intent.get("amount", 0))
    default(found, "customer", identifier_of(intent.get("customer")))
    why = (found.get("outcome") or {}).get("type")
    refused = bool(found.get("failure_code")) or why in REFUSED
    status = default(found, "status", "failed" if refused else "succeeded")
    succeeded = status == "succeeded"
    default(found, "paid", succeeded)
    holding = intent.get("status") == "requires_capture" or found.get("amount_captured") == 0
    captured = default(found, "captured", succeeded and not holding)
    default(found, "amount_captured", found["amount"] if captured else 0)
    back = default(found, "amount_refunded", among.refunded(found))
    default(found, "refunded", 0 < found["amount"] <= back)
    default(found, "disputed", bool(among.children("disputes", "charge", found["id"])))
    default(found, "balance_transaction", f"txn_{found['id'].rpartition('_')[2]}" if captured else None)
    if status == "failed":
        default(found, "failure_code", "card_declined")
        default(found, "failure_message", "Your card was declined.")
    outcome(found)
    payment_method_details(found)


def outcome(found: Object) -> None:
    """Why a charge went the way it went; a pending one has no outcome yet."""
    if found["status"] == "pending" or found.get("outcome", {}) is None:
        default(found, "outcome", None)
        return
    given = default(found, "outcome", {})
    failed = found["status"] == "failed"
    why = default(given, "type", "issuer_declined" if failed else "authorized")
    if why == "issuer_declined":
        code = found["failure_code"]
        # card_declined is an error code and no reason: a world that gives no more has a decline without a reason.
        default(given, "reason", None if code == "card_declined" else code)
    default(given, "reason", "highest_risk_level" if why == "blocked" else None)
    default(given, "network_status", NETWORK_STATUS.get(why))
    default(given, "risk_level", "highest" if why == "blocked" else "normal")
    default(given, "seller_message", SELLER_MESSAGE.get(why))
    fill(given, OUTCOME)
    if isinstance(given.get("rule"), dict):
        fill(given["rule"], {"action": "block", "predicate": ""})


def payment_method_details(found: Object) -> None:
    """How it was paid: by card, unless another method is named."""
    details = default(found, "payment_method_details", {})
    if details is None:
        return
    method = default(details, "type", next(iter(details), "card"))
    given = default(details, method, {})
    if method == "card" and given is not None:
        if found["status"] == "succeeded" and not found["captured"]:
            default(given, "capture_before", found["created"] + CAPTURE_WINDOW_S)
        fill(given, CARD)
        default(given["overcapture"], "maximum_amount_capturable", found["amount"])


def payment_intent(found: Object, among: Relations) -> None:
    """A PaymentIntent: its status and its amounts, as its latest charge has them."""
    attempts = among.children("charges", "payment_intent", found["id"])
    newest = max(attempts, key=lambda attempt: attempt["created"], default=None)
    latest = among.get("charges", default(found, "latest_charge", newest["id"] if newest else None)) or {}
    default(found, "amount", latest.get("amount", 0))
    default(found, "customer", identifier_of(latest.get("customer")))
    status = default(found, "status", status_after(latest))
    received = latest.get("amount_captured") or found["amount"]
    default(found, "amount_received", received if status == "succeeded" else 0)
    default(found, "amount_capturable", found["amount"] if status == "requires_capture" else 0)
    default(found, "capture_method", "manual" if status == "requires_capture" else "automatic_async")
    default(found, "client_secret", f"{found['id']}_secret_canary")
    default(found, "payment_method", identifier_of(latest.get("payment_method")))
    if status == "canceled":
        default(found, "canceled_at", found["created"])
    if status == "requires_action":
        default(found, "next_action", {"type": "use_stripe_sdk", "use_stripe_sdk": {}})
    if isinstance(found.get("last_payment_error"), dict):
        fill(found["last_payment_error"], {"type": "card_error", "charge": found["latest_charge"]})


def status_after(latest: Object) -> str:
    """The status that a PaymentIntent has after its latest charge."""
    if latest.get("status") == "succeeded":
        return "succeeded" if latest["captured"] else "requires_capture"
    return "processing" if latest.get("status") == "pending" else "requires_payment_method"


def refund(found: Object, among: Relations) -> None:
    """A refund: the whole of its charge, unless an amount is given."""
    of = paid_by(found, among)
    default(found, "amount", of.get("amount", 0))
    default(found, "payment_method", identifier_of(of.get("payment_method")))
    default(found, "balance_transaction", f"txn_{found['id'].rpartition('_')[2]}")
    bank = (of.get("payment_method_details") or {}).get("type") == "us_bank_account"
    if isinstance(default(found, "destination_details", {}), dict):
        fill(found["destination_details"], TO_BANK if bank else TO_CARD)


def dispute(found: Object, among: Relations) -> None:
    """A dispute: about the whole of its charge, unless an amount is given."""
    default(found, "amount", paid_by(found, among).get("amount", 0))
    default(found, "is_charge_refundable", str(found.get("status", "")).startswith("warning_"))


def early_fraud_warning(found: Object, among: Relations) -> None:
    """A warning: actionable while the charge is neither disputed nor given back."""
    of = paid_by(found, among)
    default(found, "actionable", not (of.get("disputed") or of.get("refunded")))


def review(found: Object, among: Relations) -> None:
    """A review: open until it has a reason for having been closed."""
    paid_by(found, among)
    default(found, "open", found.get("closed_reason") is None)
    opened = default(found, "opened_reason", "rule")
    default(found, "reason", found.get("closed_reason") or opened)


def checkout_session(found: Object, among: Relations) -> None:
    """A Checkout Session: paid if its PaymentIntent succeeded."""
    intent = among.get("payment_intents", found.get("payment_intent")) or {}
    paid = intent.get("status") == "succeeded"
    default(found, "payment_status", "paid" if paid else "unpaid")
    default(found, "status", "complete" if paid else "open")
    default(found, "expires_at", found["created"] + SESSION_LIFE_S)
    default(found, "customer", identifier_of(intent.get("customer")))
    for name in ("amount_subtotal", "amount_total"):
        default(found, name, intent.get("amount"))


def paid_by(found: Object, among: Relations) -> Object:
    """The charge that an object is about, by its own field or its PaymentIntent's."""
    intent = among.get("payment_intents", found.get("payment_intent")) or {}
    identifier = default(found, "charge", identifier_of(intent.get("latest_charge")))
    of = among.get("charges", identifier) or {}
    default(found, "payment_intent", identifier_of(of.get("payment_intent")))
    return of
