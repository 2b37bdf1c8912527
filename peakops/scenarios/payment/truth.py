"""The truth table: what each system of record says of one payment, side by side. Pure."""

from typing import Any

from peakops.scenario import Facts, Row
from peakops.scenarios.payment.money import amount, captured, given_back, intents, refunds
from peakops.scenarios.payment.webhook import TELLING, logged
from peakops.scenarios.words import day


def truth(facts: Facts) -> list[dict[str, Any]]:
    """
    One line a system: invoice, payments, webhook log, Stripe; `state` is None where it could not be read.

    Each line has `system`, `state`, `amount` (minor units), `currency`, `at` (UTC) and `says`, the line for people.
    """
    return [_invoice(facts), _payments(facts), _webhook_log(facts), _stripe(facts)]


def _line(system: str, state: str | None, says: str, of: Row | None = None, **more: Any) -> dict[str, Any]:
    base = {"amount": None, "currency": of["currency"] if of else None, "at": None}
    return {"system": system, "state": state, "says": says, **base, **more}


def _invoice(facts: Facts) -> dict[str, Any]:
    if not facts.known("invoice"):
        return _line("invoice", None, "could not be read")
    row = facts["invoice"]
    when = f"paid {day(row['paid_at'])}" if row["paid_at"] else f"made {day(row['created_at'])}"
    says = f"{row['status']}  {amount(row['amount_due'], row['currency'])}  {when}"
    return _line("invoice", row["status"], says, row, amount=row["amount_due"], at=row["paid_at"] or row["created_at"])


def _payments(facts: Facts) -> dict[str, Any]:
    if not facts.known("payments"):
        return _line("payments", None, "could not be read")
    rows = facts["payments"]
    if not rows:
        return _line("payments", "none", "no row")
    says = "; ".join(f"{each['status']} {amount(each['amount'], each['currency'])}" for each in rows)
    newest = rows[0]
    more = {"amount": newest["amount"], "at": newest["created_at"]}
    return _line("payments", newest["status"], f"{says}  {day(newest['created_at'])}", newest, **more)


def _webhook_log(facts: Facts) -> dict[str, Any]:
    if not facts.known("webhooks"):
        return _line("webhook log", None, "could not be read")
    rows = logged(facts)
    if not rows:
        return _line("webhook log", "none", "no event of this payment")
    one = next((each for each in rows if each["event_type"] in TELLING), rows[0])
    says = f"{one['status']}  {one['event_type']}  {day(one['created_at'])}"
    return _line("webhook log", one["status"], says, at=one["created_at"])


def _stripe(facts: Facts) -> dict[str, Any]:
    if not facts.known("intent") and not facts.known("charges"):
        return _line("Stripe", None, "could not be read")
    taken, known = captured(facts), intents(facts) if facts.known("intent") else []
    if taken:
        made = refunds(facts) if facts.known("refunds") else []
        back = sum(given_back(each, made, "succeeded") for each in taken)
        sums = " + ".join(amount(each["amount_captured"], each["currency"]) for each in taken)
        returned = f", {amount(back, taken[0]['currency'])} refunded" if back else ""
        says = f"captured  {sums}{returned}  {day(taken[0]['created'])}"
        whole = sum(each["amount_captured"] for each in taken) - back
        return _line("Stripe", "captured", says, taken[0], amount=whole, at=taken[0]["created"])
    if known:
        one = known[0]
        says = f"{one['status']}  {amount(one['amount'], one['currency'])}  {day(one['created'])}"
        return _line("Stripe", one["status"], says, one, amount=one["amount"], at=one["created"])
    intent = facts["intent"] if facts.known("intent") else None
    if intent and intent["mode"]:
        return _line("Stripe", "other_mode", f"{intent['id']} is in {intent['mode']} mode, which the key cannot see")
    return _line("Stripe", "none", f"no {intent['id']}" if intent else "no PaymentIntent")


def brief(facts: Facts) -> str:
    """The truth table in one sentence."""
    said = "; ".join(f"{each['system']}: {' '.join(each['says'].split())}" for each in truth(facts))
    return f"No row of the playbook fits. {said}."
