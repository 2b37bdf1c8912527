"""The questions of `payment duplicates` where no money is too much: records, other invoices, all in order. Pure."""

from datetime import datetime, timedelta

from peakops.scenario import Facts, Missing, Outcome, Row, found, ok, skip
from peakops.scenarios.payment import duplicates_money as money
from peakops.scenarios.payment import duplicates_records as recorded
from peakops.scenarios.payment.duplicates_cause import cause_of_rows
from peakops.scenarios.payment.duplicates_money import said_left
from peakops.scenarios.payment.money import (
    amount,
    captured,
    command_for,
    currency_of,
    hanging,
    instead,
    intents,
    names,
    net,
    recorded_paid,
    unrecorded,
)
from peakops.scenarios.words import day

NOTHING_DUE = ("void", "refunded")
"""The invoices for which no money is to be held."""
WINDOW = timedelta(days=3)
"""How near two payments of one amount must be to look like one paid twice: a weekend, and a day to notice it."""


def records(facts: Facts) -> Outcome:
    money.in_sight(facts)
    # A row may be of a charge that only these looks can show.
    _ = facts["intent"], facts["charges"], facts["siblings"], facts["sibling_charges"]
    doubled, loose = recorded.recorded_twice(facts), recorded.beyond_stripe(facts)
    if doubled:
        charge, rows = doubled[0]
        sums = ", ".join(f"{each['id']} {amount(each['amount'], each['currency'])}" for each in reversed(rows))
        took = amount(charge["amount_captured"], charge["currency"])
        says = f"{len(rows)} payments rows record {charge['id']}, which took {took}: {sums}. No refund is due for it."
    elif loose:
        rows, count = loose, len(recorded_paid(facts))
        says = (
            f"{count} payments rows say paid, and no charge at Stripe is behind {names(rows)}: it was entered once too "
            "often, or it is a payment that did not come through Stripe."
        )
    else:
        return ok("No charge is recorded twice.") if recorded_paid(facts) else skip("No payment is recorded.")
    why = cause_of_rows(facts, rows, alone=not doubled)
    words = None if doubled else instead("recorded_without_charge")
    told = f"{says} {why.says}" if why else says
    return found("double_record", told, cause=why.code if why else None, instead=words)


def siblings(facts: Facts) -> Outcome:
    held = money.holding(facts)
    taken_at = [each["created"] for each in held] or [each["created_at"] for each in recorded_paid(facts)]
    if not taken_at:
        return skip("Nothing was paid for this invoice.")
    claims = [each for each in facts["claims"] if held]
    if claims:
        number = claims[0]["invoice_number"]
        says = f"{number} records {claims[0]['intent']} too: one payment cannot settle two invoices."
        return found("sibling_invoice", says, cause="same_payment", next=(command_for("check", number),))
    near = [each for each in facts["sibling_invoices"] if _apart(each, taken_at) <= WINDOW]
    if near:
        one = near[0]
        more = f" (and {len(near) - 1} more)" if len(near) > 1 else ""
        paid = amount(one["amount"], one["currency"])
        says = f"{one['invoice_number']}{more} was paid with the same {paid} on {day(one['created_at'])}."
        return found("sibling_invoice", says, next=(command_for("check", one["invoice_number"]),))
    if facts.notes("sibling_invoices"):
        raise Missing(" ".join(facts.notes("sibling_invoices")))
    return ok(f"No other invoice was paid with the same amount within {WINDOW.days} days.")


def _apart(row: Row, moments: list[datetime]) -> timedelta:
    nearest: timedelta = min(abs(row["created_at"] - each) for each in moments)
    return nearest


def settled(facts: Facts) -> Outcome:
    money.in_sight(facts)
    invoice, taken, held = facts["invoice"], money.taken(facts), money.holding(facts)
    if money.several(facts) or money.beside(facts):
        return skip("More is held than is due, or may be.")
    unseen = [] if taken else recorded.named_in_vain(facts)
    if unseen:
        return skip(f"The payments row {unseen[0]['id']} names a payment that Stripe does not show.")
    check = (command_for("check", invoice["invoice_number"]),)
    if held and invoice["status"] in NOTHING_DUE:
        says = f"The invoice is {invoice['status']}, so that nothing is due, and {_sums(facts, held)} is held."
        return found("held_not_due", says, next=check)
    further = () if _in_order(facts, held) else check
    gone = [each for each in taken if each not in held]
    lost = [each for each in gone if net(facts, each) > 0]
    if len(taken) > 1 and lost:
        says = f"{len(taken)} charges were captured; a lost dispute took {names(lost)}. {_once(facts, held)}"
        return found("no_duplicate", says, next=check, instead=instead("lost_to_the_bank"))
    if len(taken) > 1 and gone:
        return found("already_refunded", _returned(facts, taken, held), next=further)
    lapsed = _lapsed(facts)
    if held and lapsed:
        one, paid = lapsed[0], held[0]
        declined = one["status"] == "failed"
        what = "was declined" if declined else "was reserved and released"
        says = (
            f"{one['id']} {what} on {day(one['created'])}, and {paid['id']} took {said_left(facts, paid)} on "
            f"{day(paid['created'])}: one line stays, the other disappears."
        )
        return found("failed_then_paid", says, cause="declined" if declined else "hold_released", next=further)
    return found("no_duplicate", _once(facts, held), next=further)


def _in_order(facts: Facts, held: list[Row]) -> bool:
    """Whether the payment itself shows nothing that `payment check` would have to look into."""
    invoice = facts["invoice"]
    settling = [each for each in held if currency_of(each) == currency_of(invoice) and not money.disputed(facts, each)]
    covered = sum(money.left(facts, each) for each in settling)
    recorded_all = not unrecorded(held, recorded_paid(facts))
    return bool(held) and invoice["status"] == "paid" and covered == invoice["amount_due"] and recorded_all


def _lapsed(facts: Facts) -> list[Row]:
    """The attempts that took nothing and of which the customer may see a line for a while, newest first."""
    over = {each["id"] for each in intents(facts) if each["status"] in ("canceled", "succeeded")}
    return [
        each
        for each in hanging(facts, "charges")
        if (each["status"] == "failed" and each["outcome_type"] != "blocked")
        or (each["status"] == "succeeded" and not each["captured"] and each["payment_intent"] in over)
    ]


def _returned(facts: Facts, taken: list[Row], held: list[Row]) -> str:
    gone = [each for each in taken if each not in held]
    back = ", ".join(f"{each['id']} ({amount(each['amount_captured'], each['currency'])})" for each in gone)
    return f"{len(taken)} charges were captured; {back} was given back, and {_sums(facts, held)} holds money still."


def _sums(facts: Facts, held: list[Row]) -> str:
    return ", ".join(f"{each['id']} {said_left(facts, each)}" for each in reversed(held)) or "no charge"


def _once(facts: Facts, held: list[Row]) -> str:
    if not held:
        return "No charge holds money for this invoice."
    one, due = held[0], facts["invoice"]
    if len(held) > 1:
        limit, dark = amount(due["amount_due"], due["currency"]), _unrecorded(facts, held)
        return f"{len(held)} charges hold no more than is due ({limit}): {_sums(facts, held)}.{dark}"
    open_dispute = " It is disputed." if money.disputed(facts, one) else ""
    other = f" The invoice is in {due['currency'].upper()}." if currency_of(one) != currency_of(due) else ""
    says = f"One charge holds money: {one['id']} {said_left(facts, one)}, taken on {day(one['created'])}."
    return says + open_dispute + other + _unrecorded(facts, held)


def _unrecorded(facts: Facts, held: list[Row]) -> str:
    dark = unrecorded(held, recorded_paid(facts))
    return f" No payments row records {names(dark)}." if dark else ""


def brief(facts: Facts) -> str:
    """What the systems say, in one sentence, where no row fits."""
    invoice = facts["invoice"]
    rows = ", ".join(f"{each['status']} {amount(each['amount'], each['currency'])}" for each in facts["payments"])
    return (
        f"No row of the playbook fits. The invoice over {amount(invoice['amount_due'], invoice['currency'])} is "
        f"'{invoice['status']}'; the payments rows say {rows or 'nothing'}; Stripe captured {len(captured(facts))} "
        "charges."
    )
