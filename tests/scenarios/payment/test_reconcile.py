"""What the sweep says beside the check: whose money it is, what is at risk, what is no difference."""

from datetime import timedelta

import pytest

from peakops.errors import PeakopsError
from peakops.model import Batch, Severity
from peakops.scenario import Facts
from peakops.scenarios.payment import reconcile_verdict as verdict
from peakops.scenarios.payment.reconcile import LOOKS, Subject
from peakops.scenarios.payment.reconcile_books import Books
from peakops.scenarios.payment.reconcile_tally import Item, Tally
from peakops.scenarios.payment.reconcile_unowned import unowned
from peakops.sweep import judged

from .conftest import NOW, charge, dispute, evidence, failed, intent, invoice, payment


def owned(**said):
    return unowned(Subject(at=NOW, looks={}, owner="pi_1", **said))


def subject(silent=(), *, aged=False, shared=(), name="INV-123", **said):
    error = PeakopsError("Stripe is down.", code="stripe.down", source="stripe")
    empty = {name: [] for name in LOOKS} | {"invoice": invoice(), "intent": None}
    looks = {**empty, **said, **dict.fromkeys(silent, error)}
    return Subject(at=NOW, looks=looks, aged=aged, name=name, shared=frozenset(shared))


@pytest.mark.parametrize(
    ("code", "amount", "said"),
    [
        ("charge_without_invoice", 12000, {"charges": (charge(),)}),
        ("charge_without_invoice", 5000, {"charges": (charge(amount_refunded=7000),)}),
        ("nothing_without_invoice", 0, {"charges": (charge(amount_refunded=12000),)}),
        ("nothing_without_invoice", 0, {"charges": (failed(),)}),
        ("nothing_without_invoice", 0, {"intent": intent(status="requires_payment_method")}),
        ("hold_without_invoice", 0, {"intent": intent(status="requires_capture", amount_capturable=12000)}),
        ("pending_without_invoice", 0, {"intent": intent(status="processing")}),
        ("pending_without_invoice", 0, {"charges": (failed(status="pending"),)}),
        ("charge_without_invoice", 12000, {"charges": (charge(),), "disputes": (dispute(),)}),
        ("charge_without_invoice", 5000, {"charges": (charge(),), "disputes": (dispute(status="lost", amount=7000),)}),
        ("nothing_without_invoice", 0, {"charges": (charge(),), "disputes": (dispute(status="lost"),)}),
    ],
)
def test_what_belongs_to_no_invoice(code, amount, said):
    """Money that is held is critical, a hold is a warning, and what took nothing is nothing."""
    found = owned(**{"intent": None, **said})

    assert (code, amount) == (found.entry.code, found.amount)


@pytest.mark.parametrize(
    ("warned", "said"),
    [
        (True, {"disputes": (dispute(),)}),
        (True, {"charges": (charge(disputed=True),)}),
        (True, {"disputes": (dispute(status="lost", amount=7000),)}),
        (False, {"charges": (charge(disputed=True),), "disputes": (dispute(status="won"),)}),
        (False, {}),
    ],
)
def test_a_disputed_charge_is_not_to_be_refunded(warned, said):
    """The bank takes it back by itself; the charge's own word counts where no dispute was read."""
    assert warned is ("do not refund it" in owned(**{"charges": (charge(),), **said}).says)


def test_a_charge_that_names_an_invoice_leads_to_it():
    """Its number is said, and the command that looks at it, as it can be pasted into a shell."""
    found = owned(charges=(charge(),), intent=intent(metadata_invoice_number="INV 9; ls"), known=True)

    assert ("peakops payment check 'INV 9; ls'",) == found.next
    assert "INV 9" in found.says


def test_a_charge_that_names_an_invoice_that_is_not_there_leads_nowhere():
    """The portal was asked for it, and a check of it would only say so again."""
    found = owned(charges=(charge(),), intent=intent(metadata_invoice_number="INV-999"))

    assert () == found.next
    assert "INV-999, which the portal does not have" in found.says


def test_what_belongs_to_no_invoice_is_unknown_where_a_list_failed():
    """Without the PaymentIntents' metadata nobody knows whose it is."""
    found = judged(Subject(at=NOW, looks={}, owner="pi_1", charges=(charge(),), doubted=True))

    assert ("unknown", None, 0, False) == (found.verdict, found.severity, found.amount, found.told)


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
    assert (Severity.WARNING, 0) == (found.severity, found.amount)


@pytest.mark.parametrize("shared", ["ch_1", "pi_1"])
def test_one_payment_for_two_invoices_is_not_paid(shared):
    """Each invoice alone looks paid; that another one names the same money is a warning."""
    paid = {"invoice": invoice(status="paid"), "payments": [payment()], "intent": intent(), "charges": [charge()]}
    found = judged(subject(shared=[shared], **paid))

    assert ("sibling_invoice", Severity.WARNING, 0) == (found.verdict, found.severity, found.amount)
    assert "peakops payment duplicates INV-123" == found.next[0]
    assert shared in found.says
    assert "paid" == judged(subject(shared=["ch_other"], **paid)).verdict


def test_a_number_that_two_invoices_have_is_not_what_a_command_is_given():
    """INV-123 and inv-123 are two invoices; the id leads to one of them."""
    found = judged(subject(name="11111111-1111-4111-8111-000000000001", intent=intent(), charges=[charge()]))

    assert ("INV-123", "peakops payment check 11111111-1111-4111-8111-000000000001") == (found.subject, found.next[0])


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
    """In the invoice's currency, however it is spelt, and never another one's minor units beside it."""
    yen = charge(id="ch_2", amount_captured=500, currency="jpy")

    assert (12000, "usd") == verdict.at_risk(Facts(evidence(charges=[charge(), yen])))
    assert (700, "usd") == verdict.at_risk(Facts(evidence(charges=[charge(amount_captured=700, currency="USD"), yen])))
    assert (500, "jpy") == verdict.at_risk(Facts(evidence(invoice=invoice(currency="JPY"), charges=[charge(), yen])))
    assert (12000, "usd") == verdict.at_risk(Facts(evidence(invoice=invoice(status="paid"))))
    assert (12000, "usd") == verdict.at_risk(Facts(evidence(silent=("intent", "charges"))))


def item(subject, severity, **said):
    base = {"kind": "invoice", "verdict": "paid_twice", "says": "2 charges", "title": "Twice", "at": NOW}
    return Item(**{**base, "subject": subject, "severity": severity, "next": (f"look at {subject}",), **said})


def test_the_first_thing_to_do_is_about_the_worst():
    """A warning that came first waits; what is unknown comes before a warning, what is ok leads nowhere."""
    tally = Tally()
    leads = []
    for each in (Severity.OK, Severity.WARNING, None, Severity.CRITICAL):
        tally.add(item(f"{each}", each), reported=True)
        leads.append(tally.lead)

    assert [(), *((f"look at {each}",) for each in (Severity.WARNING, None, Severity.CRITICAL))] == leads


def test_money_at_risk_is_summed_by_currency_however_it_is_spelt():
    """USD and usd are one; what is no more than a warning is not at risk."""
    tally = Tally()
    for unit, severity in (("usd", Severity.CRITICAL), ("USD", Severity.CRITICAL), ("jpy", Severity.WARNING)):
        tally.add(item("INV-1", severity, amount=100, currency=unit), reported=True)

    assert {"usd": 200} == tally.at_risk


@pytest.mark.parametrize("changed", [{"says": "3 charges"}, {"amount": 1}, {"currency": "jpy"}, {"cause": "webhook"}])
def test_what_has_changed_is_new(changed):
    """The same verdict on the same invoice is another finding when the facts are others."""
    before = item("INV-1", Severity.CRITICAL)

    assert before.fingerprint != item("INV-1", Severity.CRITICAL, **changed).fingerprint
    assert before.fingerprint == item("INV-1", Severity.CRITICAL, at=NOW + timedelta(days=1)).fingerprint


def test_what_is_unknown_is_the_same_however_it_is_told():
    """Its sentence depends on what was read of Stripe, which moves on by itself."""
    assert item("INV-1", None).fingerprint == item("INV-1", None, says="another window").fingerprint


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
    assert (True, False) == (books.has_judged(" inv-123"), books.has_judged("INV-999"))
