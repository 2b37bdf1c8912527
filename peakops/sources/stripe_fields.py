"""The fields of Stripe's objects that peakops reads; nothing else is kept, and a contract test knows them all."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

INTENT_FIELDS = (
    "id",
    "status",
    "amount",
    "amount_received",
    "amount_capturable",
    "currency",
    "customer",
    "livemode",
    "created",
    "canceled_at",
    "cancellation_reason",
    "next_action.type",
    "last_payment_error.code",
    "last_payment_error.decline_code",
    "last_payment_error.charge",
    "last_payment_error.advice_code",
    "last_payment_error.network_advice_code",
    "last_payment_error.network_decline_code",
    "last_payment_error.payment_method.type",
    "metadata.invoice_number",
    "latest_charge.id",
    "latest_charge.created",
    "latest_charge.amount_refunded",
)
CHARGE_FIELDS = (
    "id",
    "payment_intent",
    "status",
    "amount",
    "amount_captured",
    "amount_refunded",
    "captured",
    "refunded",
    "disputed",
    "currency",
    "livemode",
    "created",
    "failure_code",
    "outcome.type",
    "outcome.network_status",
    "outcome.reason",
    "outcome.risk_level",
    "outcome.seller_message",
    "outcome.advice_code",
    "outcome.network_advice_code",
    "outcome.network_decline_code",
    "payment_method_details.type",
    "payment_method_details.card.brand",
    "payment_method_details.card.last4",
    "payment_method_details.card.capture_before",
    "payment_method_details.card.three_d_secure.result",
    "payment_method_details.card.three_d_secure.result_reason",
)
REFUND_FIELDS = (
    "id",
    "payment_intent",
    "charge",
    "status",
    "amount",
    "currency",
    "reason",
    "pending_reason",
    "failure_reason",
    "created",
    "metadata.peakops_plan",
)
DISPUTE_FIELDS = (
    "id",
    "payment_intent",
    "charge",
    "status",
    "reason",
    "amount",
    "currency",
    "is_charge_refundable",
    "evidence_details.due_by",
    "created",
)
CUSTOMER_FIELDS = ("id", "livemode", "created")
EVENT_FIELDS = ("id", "type", "created", "pending_webhooks", "livemode", "data.object.id")
ENDPOINT_FIELDS = ("id", "url", "status", "livemode", "api_version", "enabled_events")

NEEDED = {
    "payment_intent": ("status", "amount", "currency", "created"),
    "charge": ("status", "amount", "amount_captured", "amount_refunded", "currency", "created"),
    "refund": ("status", "amount", "currency", "created"),
    "dispute": ("status", "amount", "currency", "created"),
    "event": ("type", "created", "pending_webhooks", "data"),
    "webhook_endpoint": ("url", "status"),
    "customer": ("created",),
}
"""What an object of each kind cannot be without; one that lacks it is no answer."""

TIMES = {"created", "canceled_at", "capture_before", "due_by"}
"""Fields that Stripe gives in Unix seconds."""


def whole(body: Any, kind: str | None = None) -> bool:
    """Whether a body is an object of Stripe's, of this kind where one is given, with all that it cannot be without."""
    if not isinstance(body, Mapping) or not isinstance(body.get("id"), str) or body.get("object") not in NEEDED:
        return False
    needed = NEEDED[body["object"]]
    return kind in (None, body["object"]) and all(body.get(name) is not None for name in needed)


def row(body: Mapping[str, Any], fields: Sequence[str]) -> dict[str, Any]:
    """The chosen fields of an object, flat: `outcome.type` becomes `outcome_type`; times become UTC datetimes."""
    return {field.replace(".", "_"): _value(body, field) for field in fields}


def _value(body: Mapping[str, Any], field: str) -> Any:
    value: Any = body
    for name in field.split("."):
        if not isinstance(value, Mapping):
            # An object that was not expanded is its id alone.
            return value if name == "id" and isinstance(value, str) else None
        value = value.get(name)
    return datetime.fromtimestamp(value, UTC) if name in TIMES and isinstance(value, int) else value
