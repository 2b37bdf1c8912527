"""The clinic's ordinary money: invoices that are paid, open, declined or refunded, and recorded as they should be."""

from copy import deepcopy
from random import Random

from peakops.sandbox.clinic_people import practice_id
from peakops.sandbox.clinic_words import PRACTICES, Row, Tables, ago, dice, stripe_id, uid, unix_ago

FIRST_NUMBER = 201
KEPT_HOURS = 24 * 29.5
"""Stripe keeps events for 30 days, and so does the portal's webhook log."""
CARDS = (("visa", "4242"), ("mastercard", "4444"), ("amex", "0005"), ("discover", "1117"))
DECLINES = (
    ("insufficient_funds", "card_declined", "51"),
    ("expired_card", "expired_card", "54"),
    ("do_not_honor", "card_declined", "05"),
    ("incorrect_cvc", "incorrect_cvc", "N7"),
    ("card_velocity_exceeded", "card_declined", "61"),
    ("lost_card", "card_declined", "41"),
)
ENDPOINT: Row = {
    "id": stripe_id("we", "portal"),
    "url": "https://portal.peakdental.example/api/webhooks/stripe",
    "status": "enabled",
    "enabled_events": [
        "payment_intent.succeeded",
        "payment_intent.payment_failed",
        "payment_intent.processing",
        "payment_intent.requires_action",
        "payment_intent.amount_capturable_updated",
        "payment_intent.canceled",
        "charge.succeeded",
        "charge.failed",
        "charge.pending",
        "charge.refunded",
        "charge.dispute.created",
        "charge.dispute.closed",
        "refund.created",
        "refund.updated",
        "refund.failed",
    ],
    "created": 1735812000,
    "livemode": False,
}
_IN_EVENT = """
    id payment_intent charge customer status amount amount_received amount_captured amount_refunded currency
    latest_charge failure_code reason livemode metadata
"""
IN_EVENT = _IN_EVENT.split()


def money(count: int) -> tuple[Tables, Tables]:
    """That many ordinary invoices: the portal's rows, and Stripe's objects."""
    rng = dice("money")
    tables: Tables = {"invoices": [], "payments": [], "webhook_events": []}
    stripe: Tables = {"payment_intents": [], "charges": [], "refunds": [], "events": []}
    kinds = ["open"] * 28 + ["declined"] * 12 + ["refunded"] * 10 + ["void"] * 6 + ["draft"] * 9
    kinds += ["paid"] * (count - len(kinds))
    rng.shuffle(kinds)
    ages = sorted((rng.uniform(5, 24 * 150) for _ in kinds), reverse=True)
    for number, (kind, age) in enumerate(zip(kinds, ages, strict=True), FIRST_NUMBER):
        _invoice(tables, stripe, rng, number=f"INV-{number}", kind=kind, age=age)
    return tables, stripe


def _invoice(tables: Tables, stripe: Tables, rng: Random, *, number: str, kind: str, age: float) -> None:
    place = rng.randrange(len(PRACTICES))
    if kind in {"open", "draft", "declined"}:
        age = 5 + age / 6  # what is still open is not half a year old
    row: Row = {
        "id": uid("invoice", number),
        "invoice_number": number,
        "practice_id": practice_id(place),
        "amount_due": rng.randrange(4000, 90000, 50),
        "currency": "usd",
        "status": "open" if kind == "declined" else kind,
        "stripe_payment_intent_id": None,
        "stripe_customer_id": stripe_id("cus", PRACTICES[place][1]),
        "due_at": ago(age - 24 * 21),
        "paid_at": None,
        "created_at": ago(age),
        "updated_at": ago(age),
    }
    tables["invoices"].append(row)
    if kind in {"open", "void", "draft"}:
        return
    at = age - rng.uniform(1, min(age - 3, 24 * 20))
    if kind == "declined":
        _declined(tables, stripe, rng, row, at)
        return
    intent, charge = _attempt(stripe, rng, row, at, paid=True)
    row["status"] = "paid"
    row["paid_at"] = row["updated_at"] = ago(at)
    _payment(tables, row, charge, at, status="succeeded")
    _event(tables, stripe, "payment_intent.succeeded", intent, at)
    _event(tables, stripe, "charge.succeeded", charge, at)
    if kind == "refunded":
        _refunded(tables, stripe, row, charge, at / 2)


def _attempt(stripe: Tables, rng: Random, invoice: Row, at: float, *, paid: bool) -> tuple[Row, Row]:
    number, amount = invoice["invoice_number"], invoice["amount_due"]
    brand, last4 = rng.choice(CARDS)
    shared = {
        "amount": amount,
        "currency": invoice["currency"],
        "customer": invoice["stripe_customer_id"],
        "created": unix_ago(at),
        "livemode": False,
        "metadata": {"invoice_number": number},
    }
    intent: Row = {
        "id": stripe_id("pi", number),
        **deepcopy(shared),
        "status": "succeeded" if paid else "requires_payment_method",
        "amount_received": amount if paid else 0,
        "latest_charge": stripe_id("ch", number),
    }
    charge: Row = {
        "id": stripe_id("ch", number),
        "payment_intent": intent["id"],
        **shared,
        "status": "succeeded" if paid else "failed",
        "paid": paid,
        "captured": paid,
        "amount_captured": amount if paid else 0,
        "amount_refunded": 0,
        "refunded": False,
        "disputed": False,
        "outcome": {"type": "authorized", "network_status": "approved_by_network", "risk_level": "normal"},
        "payment_method_details": {
            "type": "card",
            "card": {"brand": brand, "last4": last4, "exp_month": 8, "exp_year": 2029, "country": "US"},
        },
    }
    invoice["stripe_payment_intent_id"] = intent["id"]
    stripe["payment_intents"].append(intent)
    stripe["charges"].append(charge)
    return intent, charge


def _declined(tables: Tables, stripe: Tables, rng: Random, invoice: Row, at: float) -> None:
    code, failure, network = rng.choice(DECLINES)
    intent, charge = _attempt(stripe, rng, invoice, at, paid=False)
    advice = {"network_decline_code": network, "advice_code": None, "network_advice_code": None}
    charge["failure_code"] = failure
    charge["failure_message"] = "Your card was declined."
    charge["outcome"] = {
        "type": "issuer_declined",
        "network_status": "declined_by_network",
        "reason": code,
        "risk_level": "normal",
        **advice,
    }
    intent["last_payment_error"] = {
        "type": "card_error",
        "code": failure,
        "decline_code": code,
        "message": "Your card was declined.",
        "charge": charge["id"],
        **advice,
    }
    _payment(tables, invoice, charge, at, status="failed")
    _event(tables, stripe, "payment_intent.payment_failed", intent, at)
    _event(tables, stripe, "charge.failed", charge, at)


def _refunded(tables: Tables, stripe: Tables, invoice: Row, charge: Row, at: float) -> None:
    charge["refunded"], charge["amount_refunded"] = True, charge["amount"]
    refund: Row = {
        "id": stripe_id("re", invoice["invoice_number"]),
        "payment_intent": charge["payment_intent"],
        "charge": charge["id"],
        "amount": charge["amount"],
        "currency": charge["currency"],
        "status": "succeeded",
        "reason": "requested_by_customer",
        "created": unix_ago(at),
        "metadata": dict(charge["metadata"]),
    }
    stripe["refunds"].append(refund)
    invoice["status"], invoice["updated_at"] = "refunded", ago(at)
    _payment(tables, invoice, charge, at, status="refunded", refund=refund["id"])
    _event(tables, stripe, "charge.refunded", charge, at)
    _event(tables, stripe, "refund.created", refund, at)


def _payment(tables: Tables, invoice: Row, charge: Row, at: float, *, status: str, refund: str | None = None) -> None:
    tables["payments"].append(
        {
            "id": uid("payment", f"{invoice['invoice_number']}.{status}"),
            "invoice_id": invoice["id"],
            "amount": charge["amount"],
            "currency": charge["currency"],
            "status": status,
            "stripe_payment_intent_id": charge["payment_intent"],
            "stripe_charge_id": charge["id"],
            "stripe_refund_id": refund,
            "created_at": ago(at),
        }
    )


def _event(tables: Tables, stripe: Tables, kind: str, thing: Row, at: float) -> None:
    if at > KEPT_HOURS:
        return
    event: Row = {
        "id": stripe_id("evt", f"{kind}.{thing['id']}"),
        "object": "event",
        "type": kind,
        "created": unix_ago(at),
        "livemode": False,
        "data": {"object": {"object": kind.rpartition(".")[0]} | {k: thing[k] for k in IN_EVENT if k in thing}},
    }
    stripe["events"].append(deepcopy(event) | {"pending_webhooks": 0})
    tables["webhook_events"].append(
        {
            "id": uid("webhook", event["id"]),
            "provider": "stripe",
            "event_id": event["id"],
            "event_type": kind,
            "payload": event,
            "status": "processed",
            "error": None,
            "processed_at": ago(at - 0.001),
            "created_at": ago(at),
        }
    )
