"""The questions of `payment check` about money that Stripe took, or that the portal says it took. Pure."""

from peakops.scenario import Facts, Outcome, Row, found, ok, skip
from peakops.scenarios.payment.money import (
    amount,
    captured,
    currency_of,
    hanging,
    instead,
    intents,
    kept,
    names,
    net,
    open_disputes,
    recorded_paid,
    records,
    total,
    unrecorded,
)
from peakops.scenarios.payment.webhook import delivery
from peakops.scenarios.words import day


def mode(facts: Facts) -> Outcome:
    intent = facts["intent"]
    if intent is None:
        return skip("The invoice has no PaymentIntent.")
    if intent["mode"]:
        says = f"{intent['id']} exists in {intent['mode']} mode, and the configured key is of the other mode."
        return found("wrong_mode", says, next=("peakops payment check --guide",))
    return ok(f"{intent['id']} is in the key's mode.") if intent["status"] else skip(f"Stripe has no {intent['id']}.")


def currency(facts: Facts) -> Outcome:
    invoice, taken = facts["invoice"], captured(facts)
    noted = recorded_paid(facts) if facts.known("payments") else []
    asked = intents(facts)[:1] if invoice["status"] == "open" else []
    objects = [*taken, *noted] if taken else [each for each in asked if each["status"] != "canceled"]
    wrong = [each for each in objects if currency_of(each) != currency_of(invoice)]
    if wrong:
        one = wrong[0]
        says = f"The invoice is in {invoice['currency'].upper()}, but {one['id']} is in {one['currency'].upper()}."
        return found("currency_mismatch", says)
    return ok(f"All of it is in {invoice['currency'].upper()}.") if objects else skip("Stripe has nothing to compare.")


def dispute(facts: Facts) -> Outcome:
    disputed, listed = open_disputes(facts), hanging(facts, "disputes")
    if disputed:
        one = disputed[0]
        due = f"; evidence is due by {day(one['evidence_details_due_by'])}" if one["evidence_details_due_by"] else ""
        says = f"{one['id']} disputes {amount(one['amount'], one['currency'])} ({one['reason']}): {one['status']}{due}."
        lost, inquiry = one["status"] == "lost", one["status"].startswith("warning_")
        words = instead("dispute_lost") if lost else instead("dispute_inquiry") if inquiry else None
        return found("disputed", says, cause="lost" if lost else "open", instead=words)
    marked = [each for each in captured(facts) if each["disputed"]]
    if marked and not listed:
        return found(
            "disputed", f"{marked[0]['id']} is marked as disputed, and its dispute is not listed.", cause="open"
        )
    closed = len(listed)
    return ok(f"{closed} dispute{'s' * (closed > 1)}, closed without loss." if closed else "There is no dispute.")


def twice(facts: Facts) -> Outcome:
    taken, invoice = kept(facts), facts["invoice"]
    if len(taken) < 2:
        return (
            ok("No second charge holds money for this invoice.") if captured(facts) else skip("Nothing was captured.")
        )
    held, due = sum(net(facts, each) for each in taken), invoice["amount_due"]
    sums = ", ".join(f"{each['id']} {amount(each['amount_captured'], each['currency'])}" for each in taken)
    if held <= due:
        return ok(f"{len(taken)} charges hold no more than is due: {sums}.")
    return found("paid_twice", f"{len(taken)} charges hold money for this invoice: {sums}.")


def amounts(facts: Facts) -> Outcome:
    taken, invoice = kept(facts), facts["invoice"]
    if not taken:
        return skip("There is no charge to compare.")
    got, due, unit = total(taken, "amount_captured"), invoice["amount_due"], taken[0]["currency"]
    left = sum(net(facts, each) for each in taken)
    if len(taken) > 1 and left > due:
        return skip("There is no single charge to compare.")
    if due not in (got, left):
        return found(
            "amount_mismatch", f"Stripe took {amount(got, unit)}, but the invoice is over {amount(due, unit)}."
        )
    noted = [each for each in recorded_paid(facts) if records(each, taken)]
    if noted and total(noted, "amount") != got and not unrecorded(taken, noted):
        says = f"Stripe took {amount(got, unit)}, but the payments rows say {amount(total(noted, 'amount'), unit)}."
        return found("amount_mismatch", says)
    return ok(f"Stripe took what is due: {amount(due, unit)}.")


def record(facts: Facts) -> Outcome:
    invoice, noted = facts["invoice"], recorded_paid(facts)
    if facts["intent"] is not None and facts["intent"]["mode"]:
        return skip("The key cannot see the payment.")
    if captured(facts) or (invoice["status"] not in ("paid", "refunded") and not noted):
        return skip("The portal does not claim money that Stripe lacks.")
    if invoice["amount_due"] == 0 and not noted:
        return skip("Nothing was due.")
    # Money may have come through a PaymentIntent that only these looks could have shown.
    charges, _, _ = facts["charges"], facts["siblings"], facts["sibling_charges"]
    intent = facts["intent"]
    gone = f"; it has no {intent['id']}" if intent is not None and intent["status"] is None else ""
    what = (
        f"The invoice is '{invoice['status']}'"
        if invoice["status"] in ("paid", "refunded")
        else "A payments row says paid"
    )
    return found("recorded_not_paid", f"{what}, but Stripe captured nothing ({len(charges)} charges{gone}).")


def money(facts: Facts) -> Outcome:
    taken, invoice = kept(facts), facts["invoice"]
    if not taken:
        return skip("Stripe holds no money for this invoice.")
    # Money on an invoice that is not paid is proven without the payments rows; they only complete the sentence.
    asked = invoice["status"] == "paid" or facts.known("payments")
    noted = [each for each in recorded_paid(facts) if records(each, taken)] if asked else None
    missing = taken if noted is None else unrecorded(taken, noted)
    doubt = doubted(facts, taken)
    covered = sum(net(facts, each) for each in taken if each not in missing)
    # Where the recorded charges cover what is due, one more that is not recorded is a payment too many, no gap.
    if invoice["status"] == "paid" and noted and (not missing or covered >= invoice["amount_due"]):
        return ok(f"The invoice is paid and has its payments row.{doubt}")
    half = (
        "its payments rows are unknown" if noted is None else "has a payments row" if noted else "has no payments row"
    )
    sum_of = amount(total(taken, "amount_captured"), taken[0]["currency"])
    why = delivery(facts, missing or taken)
    says = (
        f"Stripe took {sum_of} on {day(taken[0]['created'])} ({names(taken)}), but the invoice is "
        f"'{invoice['status']}' and {half}. {why.says}{doubt}"
    )
    words = instead("doubted") if doubt else None
    again = () if doubt else why.next
    curable = not doubt and invoice["status"] in ("open", "paid")
    return found("paid_not_recorded", says, cause=why.cause, next=again, instead=words, curable=curable)


def doubted(facts: Facts, taken: list[Row]) -> str:
    """Why the money may be another invoice's: that is to be settled before anything is sent or recorded."""
    claimed = {each["invoice_number"] for each in facts["claims"]} if facts.known("claims") else set()
    if claimed:
        return f" {', '.join(sorted(claimed))} records this payment too."
    named = ", ".join(_other_numbers(facts, taken))
    return f" The payment names {named} as its invoice." if named else ""


def _other_numbers(facts: Facts, taken: list[Row]) -> list[str]:
    """The invoice numbers that the payments themselves name, where it is another than this one."""
    paying = {each["payment_intent"] for each in taken}
    named = {each["metadata_invoice_number"] for each in intents(facts) if each["id"] in paying}
    return sorted(
        str(each) for each in named if each and str(each).upper() != facts["invoice"]["invoice_number"].upper()
    )


def settled(facts: Facts) -> Outcome:
    invoice, status = facts["invoice"], facts["invoice"]["status"]
    due, held = amount(invoice["amount_due"], invoice["currency"]), kept(facts)
    if status == "paid" and held:
        return found("paid", f"Stripe took {due} on {day(held[0]['created'])}, and the portal says so.")
    if status == "paid" and invoice["amount_due"] == 0:
        return found("paid", "Nothing was due, and the invoice is paid.")
    if status == "refunded" and captured(facts) and not held:
        return found("refunded", f"Stripe gave {due} back, and the portal says so.")
    if status in ("void", "draft") and not held:
        return found(status, f"The invoice over {due} is {status}, and Stripe holds no money for it.")
    return skip(f"The invoice is '{status}'.")
