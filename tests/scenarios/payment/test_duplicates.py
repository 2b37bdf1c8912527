"""One judgement a row of `payment duplicates`, on literal facts."""

from datetime import timedelta

import pytest

from peakops.investigate import diagnose
from peakops.model import Evidence, Fault
from peakops.scenario import Facts
from peakops.scenarios.payment import duplicates_money as money
from peakops.scenarios.payment.duplicates import SCENARIO
from peakops.scenarios.payment.duplicates_data import data
from peakops.verdict import rule

from .conftest import NOW, charge, dispute, failed, intent, invoice, payment, refund

LOOKS = (
    *("invoice", "payments", "entered", "sibling_invoices", "claims", "intent", "siblings"),
    *("charges", "refunds", "disputes", "sibling_charges", "sibling_refunds", "sibling_disputes"),
)
DATABASE = ("invoice", "payments", "entered", "sibling_invoices", "claims")
SINGLE = ("invoice", "intent")
CARD = {"payment_method_details_card_brand": "visa", "payment_method_details_card_last4": "4242"}


def evidence(silent=(), notes=(), **said):
    """Every look: empty, or with what the test says; the named ones silent, or cut."""
    given = {**{name: [] for name in LOOKS}, "invoice": invoice(status="paid"), "intent": None, **said}
    return tuple(looked(name, given[name], name in silent, name in notes) for name in LOOKS)


def looked(name, value, silent, cut):
    source = "database" if name in DATABASE else "stripe"
    fault = Fault(code=f"{source}.down", category="upstream", message=f"{source} is down.") if silent else None
    rows = () if silent or value is None else (value,) if name in SINGLE else tuple(value)
    notes = ("Only the newest 50 rows were read.",) if cut else ()
    return Evidence(name=name, source=source, rows=rows, single=name in SINGLE, error=fault, notes=notes)


def judge(silent=(), notes=(), **said):
    looks = evidence(silent, notes, **said)
    return rule(SCENARIO, diagnose(SCENARIO, looks), looks)


def verdict(judged):
    return judged.ruling.code, judged.ruling.cause, judged.status.value


def second(**said):
    base = {"id": "ch_2", "payment_intent": "pi_2", "created": NOW - timedelta(minutes=30), "disputed": False}
    return charge(**{**base, **said})


PAID = {"payments": [payment()], "intent": intent(amount_received=12000), "charges": [charge(disputed=False)]}
TWICE = {**PAID, "siblings": [intent(id="pi_2", amount_received=12000)], "sibling_charges": [second()]}
BACK = {"charge": "ch_2", "payment_intent": "pi_2"}


def test_no_duplicate():
    """One charge holds what is due: nothing is to be refunded, and nothing further to be looked at."""
    judged = judge(**PAID)

    assert ("no_duplicate", None, "ok") == verdict(judged)
    assert () == judged.findings[0].next


def test_nothing_was_paid():
    """Nobody paid: there is no duplicate, and `payment check` says what there is."""
    judged = judge(invoice=invoice(status="open"))

    assert ("no_duplicate", None, "ok") == verdict(judged)
    assert ("peakops payment check INV-123",) == judged.findings[0].next


@pytest.mark.parametrize(
    "odd",
    [
        {"invoice": invoice(status="open")},
        {"charges": [charge(amount_captured=10000)]},
        {"charges": [charge(currency="cad")]},
        {"disputes": [dispute()]},
    ],
)
def test_a_payment_that_is_not_in_order_is_passed_on(odd):
    """No duplicate is not `all is well`: what else shows is for `payment check`."""
    judged = judge(**{**PAID, **odd})

    assert "no_duplicate" == judged.ruling.code
    assert ("peakops payment check INV-123",) == judged.findings[0].next


def test_instalments_are_no_duplicate():
    """Two charges that hold no more than is due together are two parts of one payment."""
    parts = [charge(amount_captured=5000, disputed=False)]
    rows = [payment(amount=5000), payment(id="pay-2", amount=7000, stripe_charge_id="ch_2")]
    facts = {**TWICE, "payments": rows, "charges": parts, "sibling_charges": [second(amount_captured=7000)]}

    assert ("no_duplicate", None, "ok") == verdict(judge(**facts))


def test_double_charge():
    """Two PaymentIntents took the money: the recorded charge is kept, the other one is refunded in whole."""
    judged = judge(**TWICE)

    assert ("double_charge", "paid_again", "critical") == verdict(judged)
    assert "Keep ch_1: the portal records it." in judged.ruling.says
    assert "ch_2 is too many: refund 120.00 USD." in judged.ruling.says


def test_double_charge_of_an_intent_whose_charge_is_not_listed():
    """Captured money is never overlooked; what Stripe does not list is not refunded blindly either."""
    sibling = intent(id="pi_2", amount_received=12000, latest_charge_id="ch_2", latest_charge_created=NOW)
    judged = judge(**{**PAID, "siblings": [sibling]})

    assert "double_charge" == judged.ruling.code
    assert "Do not refund ch_2 now: Stripe does not list it." in judged.ruling.says


@pytest.mark.parametrize(
    ("said", "kept", "why"),
    [
        ({}, "ch_1", "the portal records it"),
        ({"payments": [payment(stripe_charge_id="ch_2")]}, "ch_2", "the portal records it"),
        (
            {"payments": [payment(stripe_charge_id=None, stripe_payment_intent_id="pi_2")]},
            "ch_2",
            "the portal records it",
        ),
        ({"payments": []}, "ch_1", "it is of the invoice's own PaymentIntent"),
        ({"payments": [], "invoice": invoice(stripe_payment_intent_id=None)}, "ch_1", "it is the earliest"),
        ({"disputes": [dispute()]}, "ch_2", "it is not disputed"),
        ({"claims": [{"invoice_number": "INV-9", "intent": "pi_1"}]}, "ch_2", "no other invoice claims it"),
        ({"charges": [charge(amount_captured=9000)]}, "ch_2", "it covers what is due"),
        ({"charges": [charge(currency="cad")]}, "ch_2", "it is in the invoice's currency"),
    ],
)
def test_which_charge_is_kept(said, kept, why):
    """The undisputed, the one that no other invoice claims, the one that covers it, the recorded, the earliest."""
    facts = Facts(evidence(**{**TWICE, **said}))

    assert (kept, why) == (money.kept_charge(facts)["id"], money.why_kept(facts))
    assert [{"ch_1", "ch_2"} - {kept}] == [{each["id"] for each in money.surplus(facts)}]


@pytest.mark.parametrize(
    ("said", "refundable"),
    [
        ({}, 12000),
        ({"sibling_charges": [second(amount_refunded=4000)]}, 8000),
        ({"sibling_refunds": [refund(**BACK, status="pending", amount=5000)]}, 7000),
        ({"sibling_refunds": [refund(**BACK, status="failed")]}, 12000),
        ({"sibling_charges": [second(amount_captured=9000)]}, 9000),
        ({"charges": [charge(amount_captured=10000, disputed=False)]}, 10000),
        ({"sibling_disputes": [dispute(charge="ch_2")]}, 0),
        ({"sibling_disputes": [dispute(charge="ch_2", status="won")]}, 12000),
        ({"sibling_disputes": [dispute(charge="ch_2", status="lost", amount=2000)]}, 10000),
        ({"sibling_charges": [second(disputed=True)]}, 0),
        ({"siblings": [intent(id="pi_2", metadata_invoice_number="INV-9")]}, 0),
        ({"siblings": [intent(id="pi_2", metadata_invoice_number="inv-123")]}, 12000),
        ({"claims": [{"invoice_number": "INV-9", "intent": "pi_2"}]}, 0),
    ],
)
def test_what_is_refundable(said, refundable):
    """What is left of the surplus charge and too much; nothing of a disputed one, or of one that is another's."""
    facts = Facts(evidence(**{**TWICE, **said}))
    (over,) = money.surplus(facts)

    assert refundable == money.refundable(facts, over)
    assert 0 == money.refundable(facts, money.kept_charge(facts))


@pytest.mark.parametrize("silent", ["claims", "siblings", "intent"])
def test_nothing_is_refundable_while_its_owner_is_unknown(silent):
    """Whether another invoice claims a charge could not be read: it is not refunded."""
    facts = Facts(evidence((silent,), **TWICE))

    assert [0] == [money.refundable(facts, each) for each in money.surplus(facts)]


def test_a_silent_dispute_look_leaves_the_charges_own_word():
    """Without the disputes a charge that says it is not disputed may be refunded; one that says nothing may not."""
    unsaid = {**TWICE, "sibling_charges": [second(disputed=None)]}

    assert [12000] == [row["refundable"] for row in surplus(("disputes", "sibling_disputes"), **TWICE)]
    assert [0] == [row["refundable"] for row in surplus(("disputes", "sibling_disputes"), **unsaid)]


def surplus(silent=(), **said):
    return data(Facts(evidence(silent, **said)))["surplus"]


def test_three_charges():
    """All but one are too many, and never more is given back than is too much."""
    third = second(id="ch_3", payment_intent="pi_3", amount_captured=10000)
    facts = Facts(evidence(**{**TWICE, "sibling_charges": [second(), third]}))
    back = {each["id"]: money.refundable(facts, each) for each in money.surplus(facts)}

    assert {"ch_2": 12000, "ch_3": 10000} == back
    assert "3 charges hold money" in judge(**{**TWICE, "sibling_charges": [second(), third]}).ruling.says


def test_no_more_is_given_back_than_is_too_much():
    """Two parts that together exceed what is due: only the difference goes back, and never below what is due."""
    parts = {"charges": [charge(amount_captured=10000)], "sibling_charges": [second(amount_captured=9000)]}
    (row,) = surplus(**{**TWICE, **parts})

    assert ("ch_2", 7000) == (row["charge"], row["refundable"])


def test_parts_go_back_from_the_one_least_worth_keeping():
    """Of three parts the last goes back whole, and the one before it only as far as it is too much."""
    last = second(id="ch_3", payment_intent="pi_3", amount_captured=9000, created=NOW)
    parts = {"charges": [charge(amount_captured=10000)], "sibling_charges": [second(amount_captured=9000), last]}
    rows = surplus(**{**TWICE, **parts})

    assert [("ch_2", 7000), ("ch_3", 9000)] == [(row["charge"], row["refundable"]) for row in rows]


def test_two_charges_of_one_intent():
    """A charge hides no other one of the same PaymentIntent."""
    both = [charge(disputed=False), charge(id="ch_0", created=NOW - timedelta(hours=3), disputed=False)]

    assert "double_charge" == judge(**{**PAID, "charges": both}).ruling.code


def test_two_foreign_charges_are_too_many():
    """Money of another currency is never what is due: two such charges are a double charge all the same."""
    foreign = {"charges": [charge(currency="cad")], "sibling_charges": [second(currency="cad", amount_captured=10)]}
    judged = judge(**{**TWICE, **foreign})

    assert "double_charge" == judged.ruling.code


def test_a_disputed_surplus_is_left_to_the_bank():
    """The disputed charge must not be refunded, though it is too many; the remedy and the reply say so."""
    judged = judge(**{**TWICE, "sibling_disputes": [dispute(charge="ch_2")]})

    assert ("double_charge", "critical") == (judged.ruling.code, judged.status.value)
    assert "Do not refund ch_2 now: it is disputed" in judged.ruling.says
    assert judged.ruling.do.startswith("Do not refund")
    assert "bank" in judged.ruling.customer
    assert judged.findings[0].fix is None


def test_a_surplus_in_another_currency():
    """No other invoice is spoken of: the currency alone is why nothing is refunded now."""
    judged = judge(**{**TWICE, "sibling_charges": [second(currency="cad")]})

    assert "Do not refund ch_2 now: it is in another currency" in judged.ruling.says
    assert judged.ruling.do.startswith("Do not refund yet: what is too many was taken in another currency")
    assert "another invoice" not in judged.ruling.do
    assert "two currencies" in judged.ruling.customer
    assert judged.findings[0].fix is None


@pytest.mark.parametrize(
    ("silent", "said"),
    [
        (("disputes", "sibling_disputes"), {"sibling_charges": [second(disputed=None)]}),
        (("claims",), {}),
    ],
)
def test_a_surplus_of_which_too_little_is_known(silent, said):
    """Whether it is disputed, or another invoice's, was not read: nobody says that it is."""
    judged = judge(silent, **{**TWICE, **said})

    assert "is not known" in judged.ruling.says
    assert judged.ruling.do.startswith("Do not refund yet: whether the payment that is too many is disputed, or")
    assert judged.findings[0].fix is None


def test_a_surplus_that_another_invoice_claims():
    """The payment may be another invoice's: that is found out first, and no refund is named."""
    judged = judge(**{**TWICE, "siblings": [intent(id="pi_2", metadata_invoice_number="INV-9")]})

    assert "Do not refund ch_2 now: INV-9 claims it too." in judged.ruling.says
    assert judged.ruling.do.startswith("Find out which invoice")
    assert judged.findings[0].fix is None


def test_the_fix_is_named_where_something_is_refundable():
    """The next command refunds what is too many, or cancels the hold."""
    assert ("peakops payment refund INV-123",) == judge(**TWICE).findings[0].next
    assert ("peakops payment cancel-hold INV-123",) == judge(**{**PAID, **HOLD}).findings[0].next


def test_a_lost_dispute_has_given_it_back():
    """The bank took the disputed charge back: only one charge holds money, and refunding it would be a loss."""
    judged = judge(**{**TWICE, "disputes": [dispute(status="lost")]})

    assert ("no_duplicate", None, "ok") == verdict(judged)
    assert "a lost dispute took ch_1" in judged.ruling.says
    assert "returned" in judged.ruling.do
    assert "we have returned" not in judged.ruling.customer
    assert ("peakops payment check INV-123",) == judged.findings[0].next


@pytest.mark.parametrize("status", ["void", "refunded"])
@pytest.mark.parametrize(("held", "said"), [("ch_1", {}), ("ch_2", {"refunds": [refund()]})])
def test_money_that_is_held_for_a_closed_invoice(status, held, said):
    """Nothing is due and a charge holds money: a warning, and nobody says that nothing is to be refunded."""
    judged = judge(**{**(TWICE if said else PAID), "invoice": invoice(status=status), **said})

    assert ("held_not_due", None, "warning") == verdict(judged)
    assert f"The invoice is {status}, so that nothing is due, and {held} 120.00 USD is held." == judged.ruling.says
    assert ("peakops payment check INV-123",) == judged.findings[0].next
    assert "Nothing is to be refunded" not in judged.ruling.do


def test_a_closed_invoice_that_holds_nothing():
    """Void, and nothing was taken, or all of it went back: in order."""
    void = {"invoice": invoice(status="void")}

    assert "no_duplicate" == judge(**void).ruling.code
    assert "no_duplicate" == judge(**{**PAID, **void, "refunds": [refund()]}).ruling.code


def test_money_that_the_portal_does_not_record():
    """The invoice says paid, and no payments row has the money: no duplicate, and `payment check` is next."""
    judged = judge(**{**PAID, "payments": []})

    assert ("no_duplicate", None, "ok") == verdict(judged)
    assert "No payments row records ch_1." in judged.ruling.says
    assert ("peakops payment check INV-123",) == judged.findings[0].next


def test_a_failed_refund_is_a_double_charge_again():
    """The money came back to us: the verdict says that the refund failed, and why."""
    one = refund(**BACK, id="re_9", status="failed", failure_reason="lost_or_stolen_card")
    judged = judge(**{**TWICE, "sibling_refunds": [one]})

    assert "double_charge" == judged.ruling.code
    assert "Its refund re_9 failed (lost_or_stolen_card)." in judged.ruling.says


def test_double_click():
    """One card, less than two minutes apart."""
    first = charge(**CARD)
    click = second(created=first["created"] + timedelta(seconds=40), **CARD)

    assert "double_click" == judge(**{**TWICE, "charges": [first], "sibling_charges": [click]}).ruling.cause


@pytest.mark.parametrize(
    ("apart", "card", "cause"),
    [
        (timedelta(seconds=121), CARD, None),
        (timedelta(seconds=40), {**CARD, "payment_method_details_card_last4": "1881"}, None),
        (timedelta(seconds=40), {}, None),
        (timedelta(minutes=59), CARD, None),
        (timedelta(hours=1), CARD, "paid_again"),
    ],
)
def test_what_is_no_double_click(apart, card, cause):
    """Another card, or later: no cause is made up, until somebody plainly came back to pay."""
    first = charge(**CARD)
    other = second(created=first["created"] + apart, **card)

    assert cause == judge(**{**TWICE, "charges": [first], "sibling_charges": [other]}).ruling.cause


@pytest.mark.parametrize("other", [{"amount_captured": 11900}, {"currency": "cad"}])
def test_another_sum_is_no_double_click(other):
    """A form that was sent twice asks for the same money twice."""
    first = charge(**CARD)
    click = second(created=first["created"] + timedelta(seconds=40), **CARD, **other)

    assert None is judge(**{**TWICE, "charges": [first], "sibling_charges": [click]}).ruling.cause


def test_two_unknown_cards_are_not_one_card():
    """A charge whose card was not read matches no other."""
    other = second(created=charge()["created"] + timedelta(seconds=9))

    assert None is judge(**{**TWICE, "sibling_charges": [other]}).ruling.cause


def test_staff_retry():
    """A user entered one of the rows; without that look the cause is only what the times tell."""
    rows = [payment(), payment(id="pay-2", stripe_charge_id="ch_2", stripe_payment_intent_id="pi_2")]
    facts = {**TWICE, "payments": rows, "entered": [{"id": "pay-2", "created_by": "u-1"}]}

    assert ("double_charge", "staff_retry", "critical") == verdict(judge(**facts))
    assert ("double_charge", "paid_again", "critical") == verdict(judge(("entered",), **facts))


def test_refund_pending():
    """The surplus is on its way back: it is not refunded again, and Stripe's reason is the cause."""
    one = refund(**BACK, status="pending", pending_reason="insufficient_funds")
    judged = judge(**{**TWICE, "sibling_refunds": [one]})

    assert ("refund_pending", "insufficient_funds", "warning") == verdict(judged)
    assert "insufficient_funds" in judged.ruling.says


def test_refund_that_waits_for_the_customer():
    """Stripe waits for the customer, and the reply tells them so."""
    judged = judge(**{**TWICE, "sibling_refunds": [refund(**BACK, status="requires_action")]})

    assert ("refund_pending", None, "warning") == verdict(judged)
    assert "e-mail from Stripe" in judged.ruling.customer


def test_a_pending_refund_of_the_only_charge_is_no_duplicate():
    """One charge, and its refund on the way: the invoice was never paid twice."""
    judged = judge(**{**PAID, "refunds": [refund(status="pending")]})

    assert "no_duplicate" == judged.ruling.code


def test_a_part_on_its_way_does_not_settle_it():
    """More is too much than is on its way back: still a double charge, over the rest."""
    judged = judge(**{**TWICE, "sibling_refunds": [refund(**BACK, status="pending", amount=5000)]})

    assert "double_charge" == judged.ruling.code
    assert "refund 70.00 USD" in judged.ruling.says
    assert "On its way back already: re_1 over 50.00 USD" in judged.ruling.says


@pytest.mark.parametrize("back", [{"charge": "ch_1"}, BACK])
def test_already_refunded(back):
    """One of the two charges went back, whichever it was: nothing is to be refunded."""
    name = "refunds" if back["charge"] == "ch_1" else "sibling_refunds"

    assert ("already_refunded", None, "ok") == verdict(judge(**{**TWICE, name: [refund(**back)]}))


def held(**said):
    return intent(**{"id": "pi_2", "status": "requires_capture", "amount_capturable": 12000, **said})


HOLD = {"siblings": [held()], "sibling_charges": [second(captured=False, amount_captured=0)]}


def test_hold_and_charge():
    """A hold beside a capture is canceled; it cannot be refunded, and the captured charge is not too many."""
    judged = judge(**{**PAID, **HOLD})
    facts = Facts(evidence(**{**PAID, **HOLD}))

    assert ("hold_and_charge", None, "warning") == verdict(judged)
    assert ["pi_2"] == [each["id"] for each in money.holds(facts)]
    assert [] == money.surplus(facts)


def test_two_holds():
    """Two holds and no capture: the invoice's own one stays, the other is canceled, and nobody says `charged`."""
    main = {"intent": held(id="pi_1"), "charges": [charge(captured=False, amount_captured=0)]}
    facts = {"invoice": invoice(), **HOLD, **main}
    judged = judge(**facts)

    assert ("hold_and_charge", "two_holds", "warning") == verdict(judged)
    assert ["pi_2"] == [each["id"] for each in money.holds(Facts(evidence(**facts)))]
    assert "nothing is charged yet" in judged.ruling.customer


def test_the_invoices_own_hold_stays():
    """Of two holds the one that is written on the invoice stays, also where it is the later one."""
    bill = invoice(stripe_payment_intent_id="pi_2")
    early = held(id="pi_1", created=NOW - timedelta(hours=9))
    facts = {"invoice": bill, "intent": held(), "siblings": [early]}

    assert ["pi_1"] == [each["id"] for each in money.holds(Facts(evidence(**facts)))]


@pytest.mark.parametrize("part", [12000, 30000])
def test_one_hold_alone_is_no_duplicate(part):
    """A single hold is what is to be captured, even where it is over more than is due."""
    facts = {"invoice": invoice(), "intent": held(id="pi_1", amount=part), "charges": [charge(captured=False)]}

    assert ("no_duplicate", [], "ok") == (
        judge(**facts).ruling.code,
        money.holds(Facts(evidence(**facts))),
        judge(**facts).status.value,
    )


def test_a_hold_for_the_rest_is_no_duplicate():
    """A part is captured, and a hold covers what is still due."""
    part = {"charges": [charge(amount_captured=5000)], "siblings": [held(amount=7000)]}

    assert "no_duplicate" == judge(**{**PAID, **HOLD, **part}).ruling.code


@pytest.mark.parametrize("charges", [[second(status="pending", amount_captured=0)], []])
def test_a_bank_debit_beside_a_charge(charges):
    """It is no second charge yet: a warning that names it, with nothing to cancel as a hold and nothing to refund."""
    debit = {"siblings": [held(status="processing")], "sibling_charges": charges}
    judged = judge(**{**PAID, **debit})
    facts = Facts(evidence(**{**PAID, **debit}))

    assert ("hold_and_charge", "debit_pending", "warning") == verdict(judged)
    assert ([], []) == (money.holds(facts), money.surplus(facts))
    assert "no second charge yet" in judged.ruling.says
    assert judged.findings[0].fix is None


@pytest.mark.parametrize("odd", [{"status": "pending"}, {"captured": False}])
def test_a_charge_that_may_still_take_money_is_seen_without_its_intent(odd):
    """A pending or uncaptured charge of which no PaymentIntent tells is under way all the same."""
    one = second(amount_captured=0, payment_intent=None, **odd)

    assert "hold_and_charge" == judge(**{**PAID, "sibling_charges": [one]}).ruling.code


def test_double_record():
    """Two rows of one charge: the customer was charged once, and no refund is due."""
    judged = judge(**{**PAID, "payments": [payment(), payment(id="pay-2")]})

    assert ("double_record", "replayed_webhook", "warning") == verdict(judged)
    assert "No refund is due" in judged.ruling.says


def test_double_record_by_hand():
    """
    One row is the portal's, the other was entered without Stripe's ids: the records say more than Stripe took.

    It may be a cheque, so that nobody says that the customer paid once.
    """
    by_hand = payment(id="pay-2", stripe_charge_id=None, stripe_payment_intent_id=None)
    facts = {**PAID, "payments": [payment(), by_hand], "entered": [{"id": "pay-2", "created_by": "u-1"}]}

    assert ("double_record", "staff_retry", "warning") == verdict(judge(**facts))
    assert "did not come through Stripe" in judge(**facts).ruling.says
    assert "charged once" not in judge(**facts).ruling.customer
    assert ("double_record", None, "warning") == verdict(judge(("entered",), **facts))
    assert ("double_record", None, "warning") == verdict(judge(**{**facts, "entered": []}))


@pytest.mark.parametrize(
    "rows",
    [
        [payment(amount=5000), payment(id="pay-2", amount=7000)],
        [payment(), payment(id="pay-2", status="refunded", stripe_refund_id="re_1")],
        [payment(), payment(id="pay-2", status="failed")],
        [payment(stripe_charge_id=None)],
        [payment(amount=13000, stripe_charge_id=None, stripe_payment_intent_id=None)],
    ],
)
def test_what_is_no_double_record(rows):
    """Parts of one charge, a refund's row, a failed attempt's, or one that names only the PaymentIntent."""
    assert "no_duplicate" == judge(**{**PAID, "payments": rows}).ruling.code


def test_a_row_of_an_intent_is_of_its_captured_charge():
    """A row that names only the PaymentIntent is not of its declined attempt, however new that is."""
    late = failed(id="ch_0", created=NOW)
    facts = {**PAID, "charges": [late, charge()], "payments": [payment(stripe_charge_id=None)]}

    assert [0, 1] == [len(each["payments"]) for each in data(Facts(evidence(**facts)))["groups"]]


def test_a_row_of_each_charge_is_no_double_record():
    """Two charges with a row each are a double charge, and the records are right."""
    rows = [payment(), payment(id="pay-2", stripe_charge_id="ch_2", stripe_payment_intent_id="pi_2")]
    judged = judge(**{**TWICE, "payments": rows})

    assert ["double_charge"] == [each.code for each in judged.findings]


def test_failed_then_paid():
    """A declined attempt beside the one that paid: one of the two lines disappears."""
    first = failed(id="ch_0", created=NOW - timedelta(hours=4))

    assert ("failed_then_paid", "declined", "ok") == verdict(judge(**{**PAID, "charges": [charge(), first]}))


def test_a_hold_that_was_released():
    """A canceled hold beside the payment is a line that disappears too."""
    gone = {**HOLD, "siblings": [held(status="canceled")]}

    assert ("failed_then_paid", "hold_released", "ok") == verdict(judge(**{**PAID, **gone}))


def test_a_blocked_attempt_is_no_line():
    """Radar did not ask the bank, so that the customer sees nothing of it."""
    blocked = failed(id="ch_0", outcome_type="blocked")

    assert "no_duplicate" == judge(**{**PAID, "charges": [charge(), blocked]}).ruling.code


def test_an_attempt_that_failed_without_a_payment():
    """Nothing was taken at all."""
    judged = judge(invoice=invoice(), intent=intent(status="requires_payment_method"), charges=[failed()])

    assert "no_duplicate" == judged.ruling.code


def sibling(**said):
    base = {
        "invoice_number": "INV-124",
        "status": "paid",
        "amount": 12000,
        "currency": "usd",
        "stripe_payment_intent_id": "pi_9",
        "stripe_charge_id": "ch_9",
        "created_at": NOW - timedelta(hours=9),
    }
    return {**base, **said}


def test_sibling_invoice():
    """The same amount for another invoice within the window; the next command looks at that one."""
    judged = judge(**PAID, sibling_invoices=[sibling()])

    assert ("sibling_invoice", None, "warning") == verdict(judged)
    assert ("peakops payment check INV-124",) == judged.findings[0].next


@pytest.mark.parametrize(("days", "code"), [(3, "sibling_invoice"), (4, "no_duplicate")])
def test_the_window(days, code):
    """Three days between the two payments, before or after; a monthly bill of the same amount is none."""
    taken = charge()["created"]

    assert code == judge(**PAID, sibling_invoices=[sibling(created_at=taken - timedelta(days=days))]).ruling.code
    assert code == judge(**PAID, sibling_invoices=[sibling(created_at=taken + timedelta(days=days))]).ruling.code


def test_one_payment_of_two_invoices():
    """Another invoice records this very payment."""
    judged = judge(**PAID, claims=[{"invoice_number": "INV-9", "status": "paid", "intent": "pi_1"}])

    assert ("sibling_invoice", "same_payment", "warning") == verdict(judged)


def test_a_payment_that_is_held_no_more_settles_nothing():
    """What went back in full settles no invoice, so that another one that records it is no sibling."""
    claims = [{"invoice_number": "INV-9", "status": "paid", "intent": "pi_1"}]

    assert "no_duplicate" == judge(**PAID, refunds=[refund()], claims=claims).ruling.code


CHEQUE = payment(stripe_charge_id=None, stripe_payment_intent_id=None)


def test_a_payment_without_stripe():
    """A cheque is recorded and not at Stripe: no duplicate by itself, and a sibling where another one is near."""
    assert "no_duplicate" == judge(payments=[CHEQUE]).ruling.code
    assert "sibling_invoice" == judge(payments=[CHEQUE], sibling_invoices=[sibling()]).ruling.code


def test_a_cut_list_of_siblings_is_no_answer():
    """None of those that were read is near, and others were not read: unknown."""
    far = sibling(created_at=NOW - timedelta(days=40))

    assert "unknown" == judge((), ("sibling_invoices",), **PAID, sibling_invoices=[far]).ruling.code


def test_a_number_that_is_no_plain_word_is_quoted():
    """What the portal calls an invoice cannot become a command of its own."""
    judged = judge(**PAID, sibling_invoices=[sibling(invoice_number="INV-1; x")])

    assert ("peakops payment check 'INV-1; x'",) == judged.findings[0].next


def test_a_recorded_payment_that_stripe_does_not_show():
    """The portal names a charge of which Stripe has nothing: nobody says that there is no duplicate."""
    assert ("unclassified", None, "warning") == verdict(judge(payments=[payment()]))


def test_the_other_mode():
    """The key cannot see the payment: unknown, with the mode in it."""
    judged = judge(intent=intent(status=None, mode="live"))

    assert ("unknown", None, "unknown") == verdict(judged)
    assert "live mode" in judged.ruling.says


PROOF = ("charges", "refunds", "sibling_charges", "sibling_refunds")


@pytest.mark.parametrize("silent", PROOF)
def test_a_double_charge_is_proven_by_charges_and_refunds(silent):
    """Without one of them it is not said: what was not read may have gone back."""
    judged = judge((silent,), **TWICE)

    assert ("unknown", None, "unknown") == verdict(judged)


@pytest.mark.parametrize("silent", [each for each in LOOKS if each not in (*PROOF, "invoice")])
def test_a_double_charge_stands_without_the_rest(silent):
    """Charges and refunds prove it; another silent look only makes it incomplete."""
    judged = judge((silent,), **TWICE)

    assert "double_charge" == judged.ruling.code
    assert not judged.ruling.complete


def test_which_one_to_keep_is_unknown_without_the_records():
    """The portal's rows decide which charge stays: without them nothing is named, and no fix."""
    judged = judge(("payments",), **TWICE)
    told = data(Facts(evidence(("payments",), **TWICE)))

    assert judged.ruling.do.startswith("Do not refund yet")
    assert (None, []) == (told["keep"], told["surplus"])


@pytest.mark.parametrize("silent", [each for each in LOOKS if each != "entered"])
def test_ok_is_not_said_while_a_look_is_silent(silent):
    """Each look could have shown a second payment; only who entered a row changes nothing."""
    assert "unknown" == judge((silent,), **PAID).ruling.code
    assert "no_duplicate" == judge(("entered",), **PAID).ruling.code


@pytest.mark.parametrize("silent", [*PROOF, "siblings", "intent", "payments"])
@pytest.mark.parametrize("facts", [{**PAID, **HOLD}, {**PAID, "payments": [payment(), payment(id="pay-2")]}])
def test_no_lesser_verdict_hides_a_double_charge(facts, silent):
    """While a second charge may be unseen a warning is not the verdict."""
    assert "unknown" == judge((silent,), **facts).ruling.code


def outcomes(silent=(), **said):
    return {each.name: each.verdict.value for each in diagnose(SCENARIO, evidence(silent, **said))}


@pytest.mark.parametrize("silent", ["siblings", "sibling_charges", "intent", "charges"])
def test_a_question_is_open_while_its_look_is_silent(silent):
    """That there is no second charge, and that no row is too many, is not ticked off unseen."""
    answers = outcomes((silent,), **PAID)

    assert ("unknown", "unknown") == (answers["twice"], answers["records"])


@pytest.mark.parametrize("facts", [TWICE, {**PAID, **HOLD}])
def test_the_last_question_finds_nothing_beside_too_much(facts):
    """No ok row is found where more is held than is due."""
    assert "skipped" == outcomes(**facts)["settled"]


def test_groups_have_their_rows():
    """One group a charge with its payments rows, refunds too; the last one has the rows of no charge."""
    rows = [
        payment(),
        payment(id="pay-2", status="refund_pending", stripe_charge_id="ch_2", stripe_refund_id="re_1"),
        payment(id="pay-3", stripe_charge_id=None, stripe_payment_intent_id=None),
    ]
    groups = data(Facts(evidence(**{**TWICE, "payments": rows})))["groups"]

    assert [("ch_2", ["pay-2"]), ("ch_1", ["pay-1"]), (None, ["pay-3"])] == [
        (each["charge"], [row["id"] for row in each["payments"]]) for each in groups
    ]


def test_the_customer_is_told_no_ids():
    """No text for a customer names an object, a code or a charge."""
    for question in SCENARIO.guide.questions:
        for entry in question.entries:
            assert not [word for word in ("ch_", "pi_", "re_", "PaymentIntent", "Stripe's") if word in entry.customer]


def test_the_customer_hears_of_a_reversal():
    """A refund takes 5 to 10 business days, and a quick one shows no credit line."""
    entries = {entry.code: entry for question in SCENARIO.guide.questions for entry in question.entries}

    for code in ("double_charge", "refund_pending", "already_refunded"):
        assert "5 to 10 business days" in entries[code].customer
        assert "disappears" in entries[code].customer
