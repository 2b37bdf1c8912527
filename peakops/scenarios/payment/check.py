"""
Payment failed: the customer says it did not go through, or the invoice still shows as unpaid.

Looks at the invoice, its payments and webhook events, and at Stripe, all at once, and says what is wrong.

Example: peakops payment check INV-123
"""

from typing import Any

from peakops.model import Severity
from peakops.scenario import Look, Scenario
from peakops.scenarios import pending
from peakops.scenarios.arguments import PaymentSubject
from peakops.scenarios.payment import check_attempt as attempt
from peakops.scenarios.payment import check_money as money
from peakops.scenarios.payment import check_refund as refund
from peakops.scenarios.payment import looks
from peakops.scenarios.payment.truth import brief, truth


def gather(look: Look, invoice: PaymentSubject) -> None:
    """Declare the looks; with a stored PaymentIntent none waits for more than two of Stripe's answers."""
    subject = looks.subject(look, invoice)
    pending.look_for(look, subject.bill, "invoice")
    bill, charged = subject.bill, subject.paid.then(looks.each("stripe_charge_id")).otherwise(())
    log: dict[str, Any] = {"query": "payment/webhook_events", "number": bill["invoice_number"], "invoice": bill["id"]}
    look.rows("webhooks", ids=(subject.stored, subject.recorded, subject.pointed, charged), **log)
    known = looks.intents(look, subject)
    for name in looks.HANGING:
        answers = looks.hanging(look, known, name)
        if name == "charges":
            look.rows("webhooks_of_charges", ids=(answers[0].then(looks.each("id")),), **log)
            looks.claims(look, subject, known, answers)
    look.at("stripe", "events", "events", intents=(known.main, known.others), moments=known.moments)
    look.at("stripe", "endpoints", "endpoints")


SCENARIO = Scenario(
    module=__name__,
    gather=gather,
    checks=(
        pending.unfinished,
        money.mode,
        money.currency,
        money.dispute,
        money.twice,
        refund.refund,
        money.amounts,
        money.record,
        money.money,
        attempt.radar,
        attempt.hold,
        attempt.bank,
        attempt.customer,
        attempt.decline,
        attempt.attempt,
        money.settled,
    ),
    subject=looks.FINDERS,
    needs={
        Severity.WARNING: ("invoice", "payments", "intent", "charges"),
        # Money that a sibling took, and its refunds, speak against an ok verdict as the main one's do.
        Severity.OK: (
            *("invoice", "payments", "intent", "charges", "refunds", "disputes"),
            *("siblings", "sibling_charges", "sibling_refunds", "sibling_disputes"),
        ),
    },
    brief=brief,
    called=lambda facts: facts["invoice"]["invoice_number"],
    plural="invoices",
    absent=looks.absent,
    candidate=looks.candidate,
    data=lambda facts: {"truth": truth(facts), "decline": attempt.decline_of(facts)},
)
