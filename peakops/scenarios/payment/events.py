"""
The events of a payment on one time line, oldest first: Stripe's and the portal's webhook log, with the gaps.

Says which event the portal has no trace of, did not process, or received late, and which one Stripe does not have.

Example: peakops payment events INV-123
"""

from peakops.model import Severity
from peakops.scenario import Facts, Look, Row, Scenario
from peakops.scenarios.arguments import PaymentSubject
from peakops.scenarios.payment import events_judge as judge
from peakops.scenarios.payment import looks
from peakops.scenarios.payment.events_line import asked_for, timeline
from peakops.scenarios.payment.webhook import TELLING, logged

LOG = "payment/webhook_timeline"
PAYMENT = ("invoice", "payments", "webhooks", "webhooks_of_charges", "intent", "charges", "events", "endpoints")


def gather(look: Look, invoice: PaymentSubject) -> None:
    """Declare the looks; Stripe's events are asked for once it is known when something happened."""
    subject = looks.subject(look, invoice)
    bill, charged = subject.bill, subject.paid.then(looks.each("stripe_charge_id")).otherwise(())
    telling = list(TELLING)
    named = {"number": bill["invoice_number"], "invoice": bill["id"]}
    log = look.rows(
        "webhooks", LOG, ids=(subject.stored, subject.recorded, subject.pointed, charged), telling=telling, **named
    )
    known = looks.intents(look, subject)
    objects, moments = [known.main, known.others, known.alone], [known.moments, bill["created_at"].otherwise(None)]
    for name in looks.HANGING:
        main = look.at("stripe", name, name, intents=(known.main,))
        others = look.at("stripe", f"sibling_{name}", name, intents=(known.others,), but=known.main, alone=known.alone)
        for answer in (main, others):
            objects.append(answer.then(looks.each("id")).otherwise(()))
            moments.append(answer.then(looks.each("created")).otherwise(()))
    of_charges = look.rows("webhooks_of_charges", LOG, ids=tuple(objects), number=None, invoice=None, telling=telling)
    look.at("stripe", "events", "history", objects=tuple(objects), moments=tuple(moments))
    newest = (log.then(asked_for).otherwise(()), of_charges.then(asked_for).otherwise(()))
    look.at("stripe", "these_events", "these_events", ids=newest)
    look.at("stripe", "endpoints", "endpoints")


def _data(facts: Facts) -> Row:
    lines = timeline(facts)
    unread = max((row["total"] for row in logged(facts)), default=0) - len(logged(facts))
    return {"items": lines, "total": len(lines) + max(0, unread)}


SCENARIO = Scenario(
    module=__name__,
    gather=gather,
    checks=(judge.told, judge.others, judge.known, judge.pace, judge.whole),
    subject=looks.FINDERS,
    needs={
        Severity.WARNING: ("invoice", "webhooks", "intent", "charges", "events"),
        Severity.OK: (*PAYMENT, "siblings", "sibling_charges", "these_events"),
    },
    brief=lambda facts: f"{len(timeline(facts))} events were read.",
    plural="invoices",
    absent=looks.absent,
    candidate=looks.candidate,
    data=_data,
)
