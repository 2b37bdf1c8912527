"""What `payment duplicates` hands to scripts: the charge to keep, those that are too many, and each with its rows."""

from collections.abc import Callable
from typing import Any

from peakops.scenario import Facts, Missing, Row
from peakops.scenarios.payment import duplicates_money as money
from peakops.scenarios.payment.duplicates_records import attempts, by_charge
from peakops.scenarios.payment.money import amount
from peakops.scenarios.payment.truth import truth
from peakops.scenarios.words import day


def data(facts: Facts) -> dict[str, Any]:
    """Each part as far as it is known; what rests on a silent look is empty."""
    return {
        "truth": _known(_truth, facts, []),
        "keep": _known(_keep, facts, None),
        "surplus": _known(_surplus, facts, []),
        "holds": _known(_holds, facts, []),
        "groups": _known(_groups, facts, []),
    }


def _known(part: Callable[[Facts], Any], facts: Facts, unknown: Any) -> Any:
    try:
        return part(facts)
    except Missing:
        return unknown


def _charge(charge: Row, why: str) -> dict[str, Any]:
    return {
        "charge": charge["id"],
        "payment_intent": charge["payment_intent"],
        "amount": charge["amount_captured"],
        "currency": charge["currency"],
        "why": why,
    }


def _keep(facts: Facts) -> dict[str, Any] | None:
    kept = money.kept_charge(facts)
    return _charge(kept, money.why_kept(facts)) if kept else None


def _surplus(facts: Facts) -> list[dict[str, Any]]:
    return [
        {
            **_charge(each, money.barred(facts, each) or "it holds more than is due"),
            "refundable": money.refundable(facts, each),
            "disputed": money.disputed(facts, each),
            "status": each.get("status", "succeeded"),
        }
        for each in money.surplus(facts)
    ]


def _holds(facts: Facts) -> list[dict[str, Any]]:
    fields = ("amount", "currency", "status", "created")
    return [{"payment_intent": each["id"], **{field: each[field] for field in fields}} for each in money.holds(facts)]


def _state(charge: Row) -> str:
    """Captured, held, pending or failed."""
    if charge.get("captured", True) and charge["amount_captured"]:
        return "captured"
    return "held" if charge["status"] == "succeeded" else str(charge["status"])


def _groups(facts: Facts) -> list[dict[str, Any]]:
    """One group a charge, newest first, with its payments rows; the last one has the rows that no charge is behind."""
    rows = by_charge(facts, facts["payments"])
    fields = ("payment_intent", "amount_captured", "amount_refunded", "currency", "created")
    groups = [
        {
            "charge": each["id"],
            "state": _state(each),
            **{field: each[field] for field in fields},
            "payments": [_payment(row) for row in rows.get(each["id"], [])],
        }
        for each in attempts(facts)
    ]
    if None in rows:
        nothing = {"charge": None, "state": None, **dict.fromkeys(fields)}
        groups.append({**nothing, "payments": [_payment(row) for row in rows[None]]})
    return groups


def _payment(row: Row) -> dict[str, Any]:
    fields = ("id", "status", "amount", "currency", "stripe_refund_id", "created_at")
    return {field: row[field] for field in fields}


def _truth(facts: Facts) -> list[dict[str, Any]]:
    """Invoice and payments as `payment check` tells them, and a line for each charge at Stripe, newest first."""
    lines = [each for each in truth(facts) if each["system"] in ("invoice", "payments")]
    charges = attempts(facts) if facts.known("charges") or facts.known("intent") else None
    if not charges:
        says = "could not be read" if charges is None else "no charge"
        blank = {"amount": None, "currency": None, "at": None}
        return [*lines, {"system": "Stripe", "state": None if charges is None else "none", "says": says, **blank}]
    marks = _known(_marks, facts, {})
    return [*lines, *(_line(each, marks.get(each["id"], "")) for each in charges)]


def _marks(facts: Facts) -> dict[str, str]:
    """What is to be done with a charge, where there is more than one to decide between."""
    kept, over = money.kept_charge(facts), money.surplus(facts)
    marks = {each["id"]: "too many" if money.refundable(facts, each) else "too many, not to refund" for each in over}
    return {kept["id"]: "keep", **marks} if kept and over else {}


def _line(charge: Row, mark: str) -> dict[str, Any]:
    state, unit = _state(charge), charge["currency"]
    worth = charge["amount_captured"] if state == "captured" else charge["amount"]
    back = charge["amount_refunded"] or 0
    returned = f", {amount(back, unit)} refunded" if back else ""
    words = (charge["id"], state, f"{amount(worth, unit)}{returned}", day(charge["created"]), mark)
    says = "  ".join(each for each in words if each)
    return {
        "system": "Stripe",
        "state": state,
        "says": says,
        "amount": worth,
        "currency": unit,
        "at": charge["created"],
    }
