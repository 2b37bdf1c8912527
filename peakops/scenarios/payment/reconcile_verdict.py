"""What `payment reconcile` says beside the verdict of `payment check`: whose money it is, and what is at risk. Pure."""

from peakops import playbook
from peakops.model import Severity
from peakops.playbook import Entry
from peakops.scenario import Facts
from peakops.scenarios.payment.duplicates_records import recorded_twice
from peakops.scenarios.payment.money import captured, currency_of, total
from peakops.scenarios.payment.reconcile import Subject

FROM_ABSENCE = (
    *("recorded_not_paid", "amount_mismatch", "refund_not_made", "never_attempted", "canceled"),
    *("intent_missing_in_stripe", "unclassified"),
)
"""Verdicts that rest on something not being there: of an invoice older than what was read they prove nothing."""
OUTSIDE = "outside_window"
TWO_ROWS = "double_record"
TWO_INVOICES = "sibling_invoice"
OF_DUPLICATES = (TWO_ROWS, TWO_INVOICES)
"""Verdicts that `payment duplicates` has the words and the severity of."""


def row(code: str, guide: str = "reconcile") -> Entry:
    """A row of the sweep's own, or of another guide's."""
    for question in playbook.guide("payment", guide).questions:
        for entry in question.entries:
            if entry.code == code:
                return entry
    raise KeyError(f"the playbook's '{guide}' has no row '{code}'")


def agrees(question: str, code: str) -> bool:
    """Whether a verdict of `payment check` only says why nothing was paid: both sides say so."""
    said = playbook.words("payment")["reconcile"]["both_say_unpaid"]
    return question in said["questions"] or code in said["codes"]


def renamed(code: str, subject: Subject, facts: Facts) -> str:
    """The code of `payment check`, or a better one: a row or an invoice too many, or too old to be judged."""
    if code == "amount_mismatch" and facts.known("charges", "intent") and recorded_twice(facts):
        return TWO_ROWS
    if code == "paid" and shared(subject, facts):
        return TWO_INVOICES
    return OUTSIDE if subject.aged and code in FROM_ABSENCE else code


def shared(subject: Subject, facts: Facts) -> list[str]:
    """The captured charges, or their PaymentIntents, that another invoice names too."""
    ids = (each[key] for each in captured(facts) for key in ("id", "payment_intent"))
    return list(dict.fromkeys(each for each in ids if each in subject.shared))


def at_risk(facts: Facts) -> tuple[int, str]:
    """What Stripe captured in the invoice's currency, else what is due, in minor units with the currency."""
    invoice = facts["invoice"]
    currency = currency_of(invoice)
    known = facts.known("intent") or facts.known("charges")
    taken = [each for each in captured(facts) if currency_of(each) == currency] if known else []
    return total(taken, "amount_captured") if taken else int(invoice["amount_due"]), currency


def worst(severities: set[Severity], unknown: bool) -> Severity | None:
    """The worst of all verdicts; None where nothing critical is proven and something is unknown."""
    if Severity.CRITICAL in severities:
        return Severity.CRITICAL
    if unknown:
        return None
    return Severity.WARNING if Severity.WARNING in severities else Severity.OK
