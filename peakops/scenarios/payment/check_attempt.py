"""The questions of `payment check` about money that was not taken: blocked, on hold, declined, never tried. Pure."""

from collections.abc import Mapping
from typing import Any

from peakops import playbook
from peakops.scenario import Facts, Outcome, found, ok, skip
from peakops.scenarios.payment import attempt as attempts
from peakops.scenarios.payment.attempt import Attempt
from peakops.scenarios.payment.money import amount, captured, hanging, instead, intents, on_hold
from peakops.scenarios.words import day

THREE_D_SECURE = ("use_stripe_sdk", "redirect_to_url")
"""Next actions by which a bank asks for a confirmation; every other one is a step of its own."""
CLOSED = ("draft", "void")
"""Invoices that nobody is to pay: a refused attempt on one needs nothing."""


def radar(facts: Facts) -> Outcome:
    failed = _failed(facts)
    if failed is None or not failed.blocked:
        return skip("No attempt was blocked.")
    why = f" ({failed.reason})" if failed.reason else ""
    says = f"Radar blocked {failed.charge} on {day(failed.at)}{why}; the bank did not decline it."
    return found("blocked_by_radar", says)


def hold(facts: Facts) -> Outcome:
    waiting = on_hold(facts)
    if not waiting:
        return skip("No money is on hold.")
    # Stripe holds the money by the PaymentIntent's word; its charge says since when, and until when.
    charges = hanging(facts, "charges")
    holding = next((each for each in charges if each["payment_intent"] == waiting[0]["id"]), None)
    one = holding or waiting[0]
    until = holding and holding["payment_method_details_card_capture_before"]
    lapses = f"the hold lapses on {day(until)}" if until else "Stripe does not say when the hold lapses"
    says = f"{one['id']} holds {amount(one['amount'], one['currency'])} since {day(one['created'])}; {lapses}."
    return found("authorised_not_captured", says, **_beside(facts, "hold_not_needed"))


def bank(facts: Facts) -> Outcome:
    waiting = [each for each in intents(facts) if each["status"] == "processing"]
    pending = [each for each in hanging(facts, "charges") if each["status"] == "pending"]
    if not (waiting or pending):
        return skip("No bank debit is under way.")
    one = (pending or waiting)[0]
    says = f"{one['id']} over {amount(one['amount'], one['currency'])} has been under way since {day(one['created'])}."
    return found("bank_debit_pending", says, **_beside(facts, "debit_not_needed"))


def _beside(facts: Facts, name: str) -> dict[str, Any]:
    """Cause and words where the invoice is settled, or is nobody's to pay: more money must not be taken for it."""
    if captured(facts) or facts["invoice"]["status"] in CLOSED:
        return {"cause": "not_needed", "instead": instead(name)}
    return {}


def customer(facts: Facts) -> Outcome:
    if captured(facts) or facts["invoice"]["status"] in CLOSED:
        return skip("The customer has nothing to confirm.")
    waiting = attempts.newest_intent(facts)
    if waiting is not None and waiting["status"] == "requires_action":
        step = waiting["next_action_type"] or "a step of the bank"
        says = f"{waiting['id']} waits for the customer ({step}) since {day(waiting['created'])}."
        words = None if step in THREE_D_SECURE else instead("customer_step")
        return found("needs_customer_action", says, cause="waiting_for_customer", instead=words)
    failed = _failed(facts)
    if failed is None or not failed.authentication:
        return skip("No authentication failed.")
    says = f"3D Secure failed{_when(failed)}: {failed.authentication}."
    abandoned = failed.authentication in ("abandoned", "canceled")
    cause = "authentication_abandoned" if abandoned else f"authentication_{failed.authentication}"
    words = instead("authentication_rejected") if failed.authentication == "rejected" else None
    return found("needs_customer_action", says, cause=cause, instead=words)


def _when(failed: Attempt) -> str:
    """When an attempt was; an error without a charge of its own does not say."""
    return f" on {day(failed.at)}" if failed.at else ""


def decline(facts: Facts) -> Outcome:
    failed = _declined(facts)
    if failed is None:
        return skip("The newest attempt was not declined.")
    row, which = attempts.row_of(failed), failed.charge or "the attempt"
    told = f" ({'; '.join(failed.advice_words)})" if failed.advice_words else ""
    retry = attempts.retry(failed, row)
    retried = f" {playbook.words('payment')['retry'][retry]}" if retry else ""
    advised = playbook.words("payment")["advised"].get(retry) if attempts.outranked(failed, row) else {}
    words = _careful(facts, advised)
    if row is None:
        code = failed.code or failed.error_code or "no code"
        known = playbook.words("declines")["error"].get(code)
        bare = "That is an error code, not a reason: no decline code came with it." if failed.code is None else ""
        meaning = known["means"] if known and not bare else bare
        says = f"{which} was declined{_when(failed)} with '{code}'{told}. {meaning}".rstrip() + retried
        further = (f"peakops payment decline {code}",) if known else ()
        return found("declined_unknown_code", says, next=further, instead=words)
    code = row.split(".")[1]
    says = f"{which} was declined{_when(failed)}: {failed.code or failed.reason}{told}.{retried}"
    return found(code, says, row=row, next=(f"peakops payment decline {code}",), instead=words)


def _careful(facts: Facts, words: Mapping[str, str]) -> Mapping[str, str]:
    """A customer is not told to pay while another payment of theirs could not be looked for."""
    if facts.known("siblings", "sibling_charges"):
        return words
    return {**words, "customer": playbook.guide("payment", "check").ends["unknown"].customer}


def attempt(facts: Facts) -> Outcome:
    invoice, intent = facts["invoice"], facts["intent"]
    if intent is not None and intent["mode"]:
        return skip("The key cannot see the payment.")
    gone = intent is not None and intent["status"] is None and not intents(facts)
    if captured(facts) or invoice["status"] in CLOSED or (invoice["status"] != "open" and not gone):
        return skip(f"The invoice is '{invoice['status']}'.")
    alive = [each for each in intents(facts) if each["status"] != "canceled"]
    if intent is not None and intent["status"] == "canceled" and not alive:
        why = intent["cancellation_reason"] or "no reason given"
        return found("canceled", f"{intent['id']} was canceled on {day(intent['canceled_at'])} ({why}).")
    if intent is not None and intent["status"] is None and not alive:
        return found("intent_missing_in_stripe", f"Stripe has no {intent['id']}, which the invoice names.")
    untried = [each for each in alive if each["status"] in ("requires_payment_method", "requires_confirmation")]
    lapsed = [each["id"] for each in intents(facts) if each["status"] == "canceled"]
    tried = [
        each for each in hanging(facts, "charges") if each["status"] == "failed" or each["payment_intent"] not in lapsed
    ]
    if tried or len(untried) < len(alive) or any(each["last_payment_error_code"] for each in alive):
        return ok("There was an attempt.")
    what = f"{alive[0]['id']} is '{alive[0]['status']}', without a charge" if alive else "Stripe has no PaymentIntent"
    note = " ".join(facts.notes("intent")) if intent is None else ""
    says = f"{what}.{f' {note}' if note else ''}"
    return found("never_attempted", says, instead=_careful(facts, {}))


def _failed(facts: Facts) -> Attempt | None:
    """The newest attempt where it failed, and only if no charge succeeded and the invoice is to be paid."""
    invoice = facts["invoice"]
    if captured(facts) or on_hold(facts) or invoice["status"] in CLOSED:
        return None
    if invoice["status"] != "open":
        # The portal says it is paid, and only these looks could show by what.
        _ = facts["siblings"], facts["sibling_charges"]
    return attempts.newest(facts)


def _declined(facts: Facts) -> Attempt | None:
    """The newest attempt where it was declined: not blocked by Radar, and not stopped by 3D Secure."""
    failed = _failed(facts)
    return None if failed is None or failed.blocked or failed.authentication else failed


def decline_of(facts: Facts) -> dict[str, Any] | None:
    """What is known of the decline, for scripts; None where there is none or the looks were silent."""
    if not facts.known("invoice", "intent", "charges", "siblings", "sibling_charges"):
        return None
    failed = _declined(facts)
    row = attempts.row_of(failed) if failed else None
    if failed is None or row is None:
        return None
    kind, code = row.split(".")
    words = playbook.words("declines")[kind][code]
    return {
        "code": code,
        "kind": kind,
        "charge": failed.charge,
        "error_code": failed.error_code,
        "outcome_reason": failed.reason,
        "advice_code": failed.advice,
        "network_advice_code": failed.network_advice,
        "network_decline_code": failed.network_code,
        "who": words["who"],
        "retry": attempts.retry(failed, row),
        "tell": words["tell"] == "yes",
    }
