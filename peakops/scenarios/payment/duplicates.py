"""
Duplicate payment: the customer was charged twice, or an invoice has two payment records.

Sets the payments rows beside Stripe's charges and says which charge to keep, which is too many, and why there are two.

Example: peakops payment duplicates INV-123
"""

from peakops.model import Severity
from peakops.scenario import Look, Scenario
from peakops.scenarios import pending
from peakops.scenarios.arguments import PaymentSubject
from peakops.scenarios.payment import duplicates_checks as check
from peakops.scenarios.payment import duplicates_settled as settled
from peakops.scenarios.payment import looks
from peakops.scenarios.payment.duplicates_data import data


def gather(look: Look, invoice: PaymentSubject) -> None:
    """Declare the looks: those of `payment check` at the money, who entered the rows, and what else was paid."""
    subject = looks.subject(look, invoice)
    pending.look_for(look, subject.bill, "invoice")
    look.rows("entered", "payment/entered_payments", invoice=subject.bill["id"])
    look.rows("sibling_invoices", "payment/sibling_invoices", invoice=subject.bill["id"])
    known = looks.intents(look, subject)
    for name in looks.HANGING:
        answers = looks.hanging(look, known, name)
        if name == "charges":
            looks.claims(look, subject, known, answers)


MONEY = (
    *("invoice", "payments", "intent", "charges", "refunds"),
    *("siblings", "sibling_charges", "sibling_refunds"),
)
"""What could show a second charge: without it no lesser verdict is given, since a critical one may be hidden."""

SCENARIO = Scenario(
    module=__name__,
    gather=gather,
    checks=(
        pending.unfinished,
        check.twice,
        check.refund,
        check.hold,
        settled.records,
        settled.siblings,
        settled.settled,
    ),
    subject=looks.FINDERS,
    needs={
        Severity.WARNING: MONEY,
        Severity.OK: (*MONEY, "disputes", "sibling_disputes", "claims", "sibling_invoices"),
    },
    brief=settled.brief,
    called=lambda facts: facts["invoice"]["invoice_number"],
    plural="invoices",
    absent=looks.absent,
    candidate=looks.candidate,
    data=data,
)
