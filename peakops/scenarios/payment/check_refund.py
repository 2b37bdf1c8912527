"""The question of `payment check` about money that was given back, or that the portal says was. Pure."""

from peakops.scenario import Facts, Outcome, Row, found, ok, skip
from peakops.scenarios.payment.money import (
    LIVE_REFUND,
    amount,
    captured,
    given_back,
    instead,
    kept,
    recorded_refunds,
    refunds,
    total,
)


def refund(facts: Facts) -> Outcome:
    taken, made = captured(facts), refunds(facts)
    if not taken:
        return skip("Nothing was captured, so nothing can have been given back.")
    taken = _without_duplicates_given_back(facts, taken)
    failed = _failed(taken, made)
    if failed:
        one = failed[0]
        why = one["failure_reason"] or "no reason given"
        says = f"{one['id']} over {amount(one['amount'], one['currency'])} failed ({why}); the money is back with us."
        return found("refund_failed", says)
    return _refund_recorded(facts, taken, made)


def _without_duplicates_given_back(facts: Facts, taken: list[Row]) -> list[Row]:
    """The charges without those that were a mistake: given back in full, never recorded, beside one that is kept."""
    left = kept(facts)
    noted = {each["stripe_charge_id"] for each in facts["payments"]}
    recorded = recorded_refunds(facts, "refunded", "refund_pending")
    unnoted = [each for each in taken if each not in left and each["id"] not in noted and not recorded]
    return [each for each in taken if not left or each not in unnoted]


def _failed(taken: list[Row], made: list[Row]) -> list[Row]:
    """Refunds that failed, unless later ones of the same charge have taken their place."""
    ours = {each["id"] for each in taken}
    return [
        each for each in made if each["status"] == "failed" and each["charge"] in ours and not _made_again(each, made)
    ]


def _made_again(failed: Row, made: list[Row]) -> bool:
    later = [
        each
        for each in made
        if each["charge"] == failed["charge"] and each["status"] in LIVE_REFUND and each["created"] >= failed["created"]
    ]
    return bool(total(later, "amount") >= failed["amount"])


def _refund_recorded(facts: Facts, taken: list[Row], made: list[Row]) -> Outcome:
    invoice, held = facts["invoice"], total(taken, "amount_captured")
    back = sum(given_back(each, made, "succeeded") for each in taken)
    coming = sum(given_back(each, made, "pending", "requires_action") for each in taken)
    full, said = back >= held, amount(back, taken[0]["currency"])
    noted = _still_promised(facts, made)
    promised = held if invoice["status"] == "refunded" and not noted else total(noted, "amount")
    if promised > back + coming:
        says = f"The portal says {amount(promised, taken[0]['currency'])} were refunded, Stripe refunded {said}."
        return found("refund_not_made", says)
    if full and not _full_refund_noted(facts, noted):
        return found(
            "refunded_not_recorded", f"Stripe refunded {said} in full, but the invoice is '{invoice['status']}'."
        )
    if 0 < back < held and total(noted, "amount") < back:
        says = f"Stripe refunded {said} of {amount(held, taken[0]['currency'])}; the payments rows do not say so."
        return found("partly_refunded_not_recorded", says)
    if coming:
        waiting = next(each for each in made if each["status"] in ("pending", "requires_action"))
        why = f" ({waiting['pending_reason']})" if waiting["pending_reason"] else ""
        words = instead("refund_needs_customer") if waiting["status"] == "requires_action" else None
        says = f"{waiting['id']} is {waiting['status']}{why}; it is not final yet."
        return found("refund_pending", says, instead=words)
    return ok(f"Stripe refunded {said}, and the portal knows." if back else "Nothing was refunded.")


def _still_promised(facts: Facts, made: list[Row]) -> list[Row]:
    """The rows of refunds, without those whose refund failed and was made again under another id."""
    remade = {each["id"] for each in made if each["status"] == "failed" and _made_again(each, made)}
    rows = recorded_refunds(facts, "refunded", "refund_pending")
    return [each for each in rows if each["stripe_refund_id"] not in remade]


def _full_refund_noted(facts: Facts, noted: list[Row]) -> bool:
    """A refund in full is noted on the invoice; on a draft or void one, in the payments rows."""
    status = facts["invoice"]["status"]
    rows_agree = all(each["status"] == "refunded" for each in noted)
    return rows_agree and (status == "refunded" or (status in ("draft", "void") and bool(noted)))
