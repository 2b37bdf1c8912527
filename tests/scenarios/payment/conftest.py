"""Literal facts for judgements on payments: an invoice of 120.00 USD, and whatever a test says of it."""

from datetime import UTC, datetime, timedelta

import pytest

from peakops.investigate import diagnose
from peakops.model import Evidence, Fault
from peakops.scenarios.payment.check import SCENARIO
from peakops.sources import stripe_fields as fields
from peakops.verdict import rule

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
LOOKS = (
    *("invoice", "payments", "webhooks", "webhooks_of_charges", "claims", "intent", "siblings"),
    *("charges", "refunds", "disputes", "sibling_charges", "sibling_refunds", "sibling_disputes"),
    *("events", "endpoints"),
)
DATABASE = ("invoice", "payments", "webhooks", "webhooks_of_charges", "claims")


def blank(names):
    return {name.replace(".", "_"): None for name in names}


def invoice(**said):
    base = {
        "id": "i-1",
        "invoice_number": "INV-123",
        "amount_due": 12000,
        "currency": "usd",
        "status": "open",
        "stripe_payment_intent_id": "pi_1",
        "stripe_customer_id": "cus_1",
        "due_at": None,
        "paid_at": None,
        "created_at": NOW - timedelta(days=9),
        "updated_at": NOW,
        "practice_id": "p-1",
        "practice": "Smile Care",
        "practice_status": "active",
    }
    return {**base, **said}


def payment(**said):
    base = {
        "id": "pay-1",
        "amount": 12000,
        "currency": "usd",
        "status": "succeeded",
        "stripe_payment_intent_id": "pi_1",
        "stripe_charge_id": "ch_1",
        "stripe_refund_id": None,
        "created_at": NOW - timedelta(hours=2),
    }
    return {**base, **said}


def intent(**said):
    base = {
        **blank(fields.INTENT_FIELDS),
        "id": "pi_1",
        "status": "succeeded",
        "amount": 12000,
        "amount_received": 0,
        "currency": "usd",
        "livemode": False,
        "created": NOW - timedelta(hours=3),
        "found_by": "stored id",
        "mode": None,
    }
    return {**base, **said}


def charge(**said):
    base = {
        **blank(fields.CHARGE_FIELDS),
        "id": "ch_1",
        "payment_intent": "pi_1",
        "status": "succeeded",
        "amount": 12000,
        "amount_captured": 12000,
        "amount_refunded": 0,
        "captured": True,
        "currency": "usd",
        "created": NOW - timedelta(hours=2),
        "payment_method_details_type": "card",
        "outcome_type": "authorized",
    }
    return {**base, **said}


def failed(**said):
    base = {
        "status": "failed",
        "amount_captured": 0,
        "captured": False,
        "outcome_type": "issuer_declined",
        "failure_code": "card_declined",
    }
    return charge(**{**base, **said})


def refund(**said):
    base = {
        **blank(fields.REFUND_FIELDS),
        "id": "re_1",
        "payment_intent": "pi_1",
        "charge": "ch_1",
        "status": "succeeded",
        "amount": 12000,
        "currency": "usd",
        "created": NOW - timedelta(hours=1),
    }
    return {**base, **said}


def dispute(**said):
    base = {
        **blank(fields.DISPUTE_FIELDS),
        "id": "dp_1",
        "charge": "ch_1",
        "status": "needs_response",
        "reason": "fraudulent",
        "amount": 12000,
        "currency": "usd",
        "created": NOW,
    }
    return {**base, **said}


def event(**said):
    base = {
        "id": "evt_1",
        "type": "payment_intent.succeeded",
        "created": NOW - timedelta(hours=2),
        "pending_webhooks": 1,
        "livemode": False,
        "data_object_id": "pi_1",
    }
    return {**base, **said}


def evidence(silent=(), **said):
    """Every look of the scenario: empty, or with what the test says; the named ones silent."""
    given = {
        **{name: [] for name in LOOKS},
        "invoice": invoice(),
        "intent": None,
        "endpoints": [{"id": "we_1", "url": "https://portal", "status": "enabled", "enabled_events": ["*"]}],
        **said,
    }
    return tuple(_look(name, given[name], name in silent) for name in LOOKS)


def _look(name, value, silent):
    source = "database" if name in DATABASE else "stripe"
    fault = Fault(code=f"{source}.down", category="upstream", message=f"{source} is down.") if silent else None
    single = name in ("invoice", "intent")
    rows = () if silent or value is None else (value,) if single else tuple(value)
    return Evidence(name=name, source=source, rows=rows, single=single, error=fault)


@pytest.fixture
def judge():
    """Judge literal facts: `judge(charges=[charge()])` returns what the verdict is and what was found."""

    def judge(silent=(), **said):
        looked = evidence(silent, **said)
        return rule(SCENARIO, diagnose(SCENARIO, looked), looked)

    return judge
