"""What the sweep says beside the check: whose money it is, what is at risk, what is no difference."""

from datetime import timedelta

import pytest

from peakops.errors import PeakopsError
from peakops.model import Batch, Severity
from peakops.scenario import Facts
from peakops.scenarios.payment import reconcile_verdict as verdict
from peakops.scenarios.payment.reconcile import LOOKS, Subject
from peakops.scenarios.payment.reconcile_books import Books
from peakops.sweep import judged

from .conftest import NOW, charge, evidence, failed, intent, invoice, payment


def owned(**said):
    return verdict.unowned(Subject(at=NOW, looks={}, owner="pi_1", **said))


def subject(silent=(), *, aged=False, **said):
    error = PeakopsError("Stripe is down.", code="stripe.down", source="stripe")
    empty = {name: [] for name in LOOKS} | {"invoice": invoice(), "intent": None}
    return Subject(at=NOW, looks={**empty, **said, **dict.fromkeys(silent, error)}, aged=aged)


@pytest.mark.parametrize(
    ("code", "amount", "said"),
    [
        ("charge_without_invoice", 12000, {"charges": (charge(),)}),
        ("charge_without_invoice", 5000, {"charges": (charge(amount_refunded=7000),)}),
        ("nothing_without_invoice", 0, {"charges": (charge(amount_refunded=12000),)}),
        ("nothing_without_invoice", 0, {"charges": (failed(),)}),
        ("nothing_without_invoice", 0, {"intent": intent(status="requires_payment_method")}),
        ("hold_without_invoice", 0, {"intent": intent(status="requires_capture", amount_capturable=12000)}),
    ],
)
def test_what_belongs_to_no_invoice(code, amount, said):
    """Money that is held is critical, a hold is a warning, and what took nothing is nothing."""
    found = owned(**{"intent": None, **said})

    assert (code, amount) == (found.entry.code, found.amount)


def test_a_charge_that_names_an_invoice_leads_to_it():
    """Its number is said, and the command that looks at it."""
    found = owned(charges=(charge(),), intent=intent(metadata_invoice_number="INV-9"))

    assert ("peakops payment check INV-9",) == found.next
    assert "INV-9" in found.says


@pytest.mark.parametrize(
    "said",
    [
        {"intent": intent(status="requires_payment_method"), "charges": [failed()]},
        {"intent": intent(status="canceled", canceled_at=NOW)},
        {"intent": intent(status="requires_action", next_action_type="use_stripe_sdk")},
        {"intent": intent(status="requires_payment_method"), "charges": [failed(outcome_type="blocked")]},
        {},
    ],
)
def test_what_both_sides_say_is_unpaid_is_no_difference(said):
    """The check names a remedy for the customer; for the sweep the books agree."""
    assert Severity.OK is judged(subject(**said)).severity


def test_a_payment_intent_that_is_gone_is_a_difference():
    """The portal names what Stripe does not have."""
    gone = {**intent(), "status": None}

    assert ("intent_missing_in_stripe", Severity.WARNING) == (
        judged(subject(intent=gone)).verdict,
        judged(subject(intent=gone)).severity,
    )


def test_two_rows_of_one_charge_are_named_as_duplicates_names_them():
    """The check sees another amount; the sweep says why, and leads to `payment duplicates`."""
    rows = [payment(), payment(id="pay-2")]
    paid = {"invoice": invoice(status="paid"), "payments": rows, "intent": intent(), "charges": [charge()]}
    found = judged(subject(**paid))

    assert ("double_record", "peakops payment duplicates INV-123") == (found.verdict, found.next[0])


@pytest.mark.parametrize("aged", [True, False])
def test_an_old_invoice_proves_nothing_by_what_is_not_there(aged):
    """Paid in the portal and nothing at Stripe: a fault, unless the payment may be older than what was read."""
    found = judged(subject(invoice=invoice(status="paid"), aged=aged))

    assert (("outside_window", None) if aged else ("recorded_not_paid", Severity.CRITICAL)) == (
        found.verdict,
        found.severity,
    )


def test_an_old_invoice_proves_what_is_there():
    """Money at Stripe that the portal does not show is a fault, however old the invoice."""
    found = judged(subject(intent=intent(), charges=[charge()], aged=True))

    assert ("paid_not_recorded", 12000, "usd") == (found.verdict, found.amount, found.currency)


@pytest.mark.parametrize("silent", [("charges",), ("intent", "siblings"), ("refunds",), ("disputes",)])
def test_silence_is_unknown_and_only_counted(silent):
    """Sound books without one list: no verdict, and none is invented; told in the summary, not one by one."""
    paid = {"invoice": invoice(status="paid"), "payments": [payment()], "intent": intent(), "charges": [charge()]}
    found = judged(subject(silent, **paid))

    assert ("unknown", None, False) == (found.verdict, found.severity, found.told)


def test_at_risk_is_what_was_captured_else_what_is_due():
    """In the currency of whichever it is."""
    facts = Facts(evidence(intent=intent(), charges=[charge(amount_captured=500, currency="jpy")]))

    assert (500, "jpy") == verdict.at_risk(facts)
    assert (12000, "usd") == verdict.at_risk(Facts(evidence(invoice=invoice(status="paid"))))
    assert (12000, "usd") == verdict.at_risk(Facts(evidence(silent=("intent", "charges"))))


def test_what_is_joined_is_let_go():
    """Objects that no other invoice can ask for are not kept; those that several invoices name are."""
    rows = Batch(name="charges", rows=(charge(), charge(id="ch_2", payment_intent="pi_2")))
    intents = Batch(name="payment_intents", rows=(intent(), intent(id="pi_2")))
    books = Books(shared=["pi_2"])
    books.hold(rows)
    books.hold(intents)
    books.claim("INV-123", ["pi_1", "pi_2"], [], [])

    assert (None, "pi_2") == (books.intent("pi_1"), books.intent("pi_2")["id"])
    assert ([], ["ch_2"]) == (
        books.hanging("charges", ["pi_1"]),
        [each["id"] for each in books.hanging("charges", ["pi_2"])],
    )
    assert [] == list(books.unclaimed(NOW - timedelta(days=9), NOW))
