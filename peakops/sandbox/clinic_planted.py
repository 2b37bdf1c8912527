"""The clinic's faults: every world of `payment check` planted as an invoice of its own, with ids of its own."""

import json
import re
from pathlib import Path

from peakops.sandbox.clinic_people import practice_id
from peakops.sandbox.clinic_words import PRACTICES, Tables, stripe_id, uid

WORLDS = Path(__file__).parent / "worlds" / "payment"
EXAMPLES = {
    "paid_not_recorded": "INV-123",
    "paid": "INV-101",
    "paid_after_decline": "INV-102",
    "refunded": "INV-103",
    "void": "INV-104",
    "draft": "INV-105",
    "paid_not_recorded_not_processed": "INV-106",
    "paid_not_recorded_acknowledged": "INV-107",
    "paid_not_recorded_webhook_unknown": "INV-108",
    "paid_not_recorded_draft": "INV-109",
    "paid_not_recorded_half": "INV-110",
    "recorded_not_paid": "INV-111",
    "paid_twice": "INV-112",
    "paid_twice_same_customer_payments": "INV-113",
    "amount_mismatch": "INV-114",
    "currency_mismatch": "INV-115",
    "refunded_not_recorded": "INV-116",
    "partly_refunded_not_recorded": "INV-117",
    "disputed": "INV-118",
    "disputed_lost": "INV-119",
    "blocked_by_radar": "INV-120",
    "wrong_mode": "INV-121",
    "insufficient_funds": "INV-122",
    "expired_card": "INV-124",
    "generic_decline": "INV-125",
    "fraudulent": "INV-126",
    "declined_unknown_code": "INV-127",
    "declined_bare": "INV-128",
    "declined_local": "INV-129",
    "declined_advice": "INV-130",
    "needs_customer_action": "INV-131",
    "needs_customer_action_abandoned": "INV-132",
    "needs_customer_action_rejected": "INV-133",
    "bank_debit_pending": "INV-134",
    "authorised_not_captured": "INV-135",
    "never_attempted": "INV-136",
    "never_attempted_intent": "INV-137",
    "canceled": "INV-138",
    "intent_missing_in_stripe": "INV-139",
    "refund_pending": "INV-140",
    "refund_not_made": "INV-141",
    "refund_failed": "INV-142",
    "unclassified": "INV-143",
    "zero_amount": "INV-144",
    "yen": "INV-145",
    "found_by_customer": "INV-146",
    "ambiguous_email": "billing@harbordental.example",
}
"""Where each world of `payment check` lives in the clinic: what to give the command."""

_AMBIGUOUS = (1, 147)
"""The practice of that e-mail, and the first of its three open invoices."""
_DROPPED = {"practices", "users", "auth.users", "customers", "webhook_endpoints", "key"}
_STRIPE_ID = re.compile(r"\b(pi|ch|re|dp|evt|cus)_[0-9A-Za-z]{14,}")
_UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
_NUMBER = re.compile(r"\bINV-(\d+)\b")
_BEFORE = re.compile(r'"-(\d+)([mhd])"')
_UNIX = re.compile(r'"(created|due_by|capture_before)": (\d{10})\b')
_MINUTES = {"m": 1, "h": 60, "d": 24 * 60}


def planted() -> tuple[Tables, Tables]:
    """The faults: the portal's rows, and Stripe's objects."""
    tables: Tables = {}
    stripe: Tables = {}
    for place, (world, number) in enumerate(EXAMPLES.items()):
        practice, first = place % len(PRACTICES), 0
        if world == "ambiguous_email":
            practice, first = _AMBIGUOUS
        else:
            first = int(number.removeprefix("INV-"))
        text = _renamed((WORLDS / f"{world}.json").read_text(encoding="utf-8"), practice, first, hours=place % 20)
        document = json.loads(text)
        for whole, part in ((tables, document["tables"]), (stripe, document["stripe"])):
            for name, rows in part.items():
                if name not in _DROPPED:
                    whole.setdefault(name, []).extend(rows)
    return tables, stripe


def _renamed(text: str, practice: int, first: int, *, hours: int) -> str:
    """The world's text with the clinic's practice, numbers and ids, and everything that many hours earlier."""
    theirs = json.loads(text)["tables"]["practices"][0]["id"]

    def ours(found: re.Match[str]) -> str:
        if found[1] == "cus":
            return stripe_id("cus", PRACTICES[practice][1])
        return stripe_id(found[1], f"{first}.{found[0]}")

    text = _STRIPE_ID.sub(ours, text)
    text = _UUID.sub(lambda m: practice_id(practice) if m[0] == theirs else uid("planted", f"{first}.{m[0]}"), text)
    text = _NUMBER.sub(lambda m: f"INV-{first + int(m[1]) - 123}", text)
    text = _BEFORE.sub(lambda m: f'"-{int(m[1]) * _MINUTES[m[2]] + 60 * hours}m"', text)
    return _UNIX.sub(lambda m: f'"{m[1]}": {int(m[2]) - 3600 * hours}', text)
