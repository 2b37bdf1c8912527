"""What `payment reconcile` says beside the verdict of `payment check`: whose money it is, and what is at risk. Pure."""

from dataclasses import dataclass

from peakops import playbook
from peakops.model import Severity
from peakops.playbook import Entry
from peakops.scenario import Facts
from peakops.scenarios.payment.duplicates_records import recorded_twice
from peakops.scenarios.payment.money import amount, captured, day, total
from peakops.scenarios.payment.reconcile import Subject

FROM_ABSENCE = (
    *("recorded_not_paid", "amount_mismatch", "refund_not_made", "never_attempted", "canceled"),
    *("intent_missing_in_stripe", "unclassified"),
)
"""Verdicts that rest on something not being there: of an invoice older than what was read they prove nothing."""
OUTSIDE = "outside_window"
TWO_ROWS = "double_record"


@dataclass(frozen=True, kw_only=True)
class Owner:
    """The verdict on what belongs to no invoice."""

    entry: Entry
    subject: str
    says: str
    amount: int
    currency: str | None
    next: tuple[str, ...] = ()


def row(code: str) -> Entry:
    """A row of the sweep's own."""
    for question in playbook.guide("payment", "reconcile").questions:
        for entry in question.entries:
            if entry.code == code:
                return entry
    raise KeyError(f"the playbook's reconciliation has no row '{code}'")


def agrees(question: str, code: str) -> bool:
    """Whether a verdict of `payment check` only says why nothing was paid: both sides say so."""
    said = playbook.words("payment")["reconcile"]["both_say_unpaid"]
    return question in said["questions"] or code in said["codes"]


def renamed(code: str, aged: bool, facts: Facts) -> str:
    """The code of `payment check`, where the sweep knows a better one: a row too many, or too old to be judged."""
    if code == "amount_mismatch" and facts.known("charges", "intent") and recorded_twice(facts):
        return TWO_ROWS
    return OUTSIDE if aged and code in FROM_ABSENCE else code


def at_risk(facts: Facts) -> tuple[int, str]:
    """What Stripe captured for an invoice, else what is due, in minor units with the currency."""
    taken = captured(facts) if facts.known("intent") or facts.known("charges") else []
    invoice = facts["invoice"]
    if taken:
        return total(taken, "amount_captured"), str(taken[0]["currency"])
    return int(invoice["amount_due"]), str(invoice["currency"])


def unowned(subject: Subject) -> Owner:
    """The verdict on a PaymentIntent and its charges that no invoice names."""
    held = [each for each in subject.charges if each["captured"] and each["amount_captured"] > each["amount_refunded"]]
    named = subject.intent and subject.intent["metadata_invoice_number"]
    whose = f"It names {named}, which was judged without it." if named else "No invoice names it, nor it an invoice."
    lead = (f"peakops payment check {named}",) if named else ()
    if held:
        one = held[0]
        left = one["amount_captured"] - one["amount_refunded"]
        says = f"Stripe took {amount(left, one['currency'])} on {day(one['created'])}. {whose}"
        entry = row("charge_without_invoice")
        return Owner(entry=entry, subject=one["id"], says=says, amount=left, currency=str(one["currency"]), next=lead)
    intent = subject.intent
    if intent and intent["status"] == "requires_capture":
        says = f"{amount(intent['amount_capturable'] or intent['amount'], intent['currency'])} are on hold. {whose}"
        entry = row("hold_without_invoice")
        return Owner(entry=entry, subject=subject.owner, says=says, amount=0, currency=intent["currency"], next=lead)
    entry = row("nothing_without_invoice")
    return Owner(entry=entry, subject=subject.owner, says=entry.means, amount=0, currency=None)


def worst(severities: set[Severity], unknown: bool) -> Severity | None:
    """The worst of all verdicts; None where nothing critical is proven and something is unknown."""
    if Severity.CRITICAL in severities:
        return Severity.CRITICAL
    if unknown:
        return None
    return Severity.WARNING if Severity.WARNING in severities else Severity.OK
