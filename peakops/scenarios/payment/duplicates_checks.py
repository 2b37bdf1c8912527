"""The questions of `payment duplicates` about money: taken twice, on its way back, on hold beside it. Pure."""

from typing import Any

from peakops.scenario import Facts, Outcome, Row, found, ok, skip
from peakops.scenarios.payment import duplicates_money as money
from peakops.scenarios.payment.duplicates_cause import cause_of
from peakops.scenarios.payment.duplicates_money import said_left
from peakops.scenarios.payment.money import amount, hanging, instead, names, refunds
from peakops.scenarios.words import day

CAREFUL = ("surplus_disputed", "surplus_unknown", "doubted", "foreign_surplus")
"""The words for what is too many and barred, those that come first where several apply."""
ON_ITS_WAY = ("pending", "requires_action")


def twice(facts: Facts) -> Outcome:
    money.in_sight(facts)
    held = money.holding(facts)
    if not money.several(facts):
        # That there is no second charge is only known where the siblings could be listed.
        _ = facts["intent"], facts["siblings"]
        return _no_more_than_due(facts, held)
    sums = ", ".join(f"{each['id']} {said_left(facts, each)} ({day(each['created'])})" for each in reversed(held))
    due = amount(facts["invoice"]["amount_due"], facts["invoice"]["currency"])
    says = f"{len(held)} charges hold money for an invoice over {due}: {sums}."
    if not facts.known("payments"):
        unsure = " Which one to keep is not known: the payments rows could not be read."
        return found("double_charge", says + unsure, instead=instead("which_charge_unknown"), curable=False)
    why = cause_of(facts)
    words = [says, *_to_keep(facts), *_too_many(facts), *_on_the_way(facts), *([why.says] if why else [])]
    careful = _careful(facts)
    return found(
        "double_charge",
        " ".join(words),
        cause=why.code if why else None,
        instead=careful,
        curable=careful is None,
    )


def _no_more_than_due(facts: Facts, held: list[Row]) -> Outcome:
    if not held:
        return skip("No charge holds money for this invoice.")
    sums = ", ".join(f"{each['id']} {said_left(facts, each)}" for each in reversed(held))
    return ok(f"One charge holds money: {sums}." if len(held) == 1 else f"They hold no more than is due: {sums}.")


def _to_keep(facts: Facts) -> list[str]:
    kept = money.kept_charge(facts)
    return [f"Keep {kept['id']}: {money.why_kept(facts)}."] if kept else []


def _too_many(facts: Facts) -> list[str]:
    """What is to be done with each surplus charge, and why a refund of it has not helped."""
    words = []
    for charge in money.surplus(facts):
        barred = money.barred(facts, charge)
        back = amount(money.refundable(facts, charge), charge["currency"])
        words.append(
            f"Do not refund {charge['id']} now: {barred}." if barred else f"{charge['id']} is too many: refund {back}."
        )
        failed = [each for each in refunds(facts) if each["charge"] == charge["id"] and each["status"] == "failed"]
        words += [f"Its refund {each['id']} failed ({each['failure_reason'] or 'no reason given'})." for each in failed]
    return words


def _on_the_way(facts: Facts) -> list[str]:
    coming = _coming(facts)
    return [f"On its way back already: {_refund(coming[0])}."] if coming else []


def _careful(facts: Facts) -> dict[str, str] | None:
    """Other words where nothing of what is too many may be refunded now."""
    over = money.surplus(facts)
    if any(money.refundable(facts, each) for each in over):
        return None
    bars = [money.bar(facts, each) for each in over]
    return dict(instead(min(bars, key=CAREFUL.index)))


def refund(facts: Facts) -> Outcome:
    coming = _coming(facts)
    if not coming:
        return skip("No refund is on its way.")
    if not money.several(facts, final=True):
        return ok(f"{_refund(coming[0])}: it is not of a second charge.")
    one = coming[0]
    if money.several(facts):
        return skip("More is too much than is on its way back.")
    words = instead("refund_needs_customer") if one["status"] == "requires_action" else None
    says = f"What is too much is on its way back, and not final yet: {_refund(one)}."
    return found("refund_pending", says, cause=one["pending_reason"], instead=words)


def _coming(facts: Facts) -> list[Row]:
    ours = {each["id"] for each in money.taken(facts)}
    return [each for each in refunds(facts) if each["status"] in ON_ITS_WAY and each["charge"] in ours]


def _refund(one: Row) -> str:
    why = f", {one['pending_reason']}" if one["pending_reason"] else ""
    return f"{one['id']} over {amount(one['amount'], one['currency'])} of {one['charge']} ({one['status']}{why})"


def hold(facts: Facts) -> Outcome:
    money.in_sight(facts)
    waiting, held = money.beside(facts), money.holding(facts)
    if not waiting:
        return skip("No money is on hold or under way beside it.")
    one = next(iter(money.holds(facts)), waiting[0])
    beside = f"beside {names(held)}, which is captured" if held else "beside another one, and none is captured"
    over = f"{one['id']} over {amount(one['amount'], one['currency'])}"
    if one["status"] in ("processing", "pending"):
        says = f"The bank debit {over} is under way {beside}: it is no second charge yet, and cannot be refunded."
        words = instead("debit_not_needed")
        return found("hold_and_charge", says, cause="debit_pending", instead=words, curable=False)
    says = f"{over} is authorised and not captured{_lapses(facts, one)}, {beside}."
    twice_held: dict[str, Any] = {} if held else {"cause": "two_holds", "instead": instead("held_twice")}
    return found("hold_and_charge", says, curable=bool(money.holds(facts)), **twice_held)


def _lapses(facts: Facts, intent: Row) -> str:
    field = "payment_method_details_card_capture_before"
    ends = [each[field] for each in hanging(facts, "charges") if each["payment_intent"] == intent["id"]]
    return next((f" (it lapses on {day(each)})" for each in ends if each), "")
