"""The verdicts of `payment duplicates` are total: every combination of what the systems can say has a named verdict."""

from datetime import timedelta
from itertools import product

import pytest

from peakops.investigate import diagnose
from peakops.scenario import Facts
from peakops.scenarios.payment import duplicates_money as money
from peakops.scenarios.payment.duplicates import SCENARIO
from peakops.verdict import rule

from .conftest import NOW, charge, dispute, failed, intent, invoice, payment, refund
from .test_duplicates import evidence, sibling

DUE = 12000
INVOICES = ("paid", "uncollectible")
"""The status decides nothing here but which command comes next, so a known and a new one are enough."""
STATES = {
    "none": (None, None),
    "untried": ("requires_payment_method", None),
    "declined": ("requires_payment_method", "failed"),
    "held": ("requires_capture", "held"),
    "released": ("canceled", "held"),
    "debit": ("processing", "pending"),
    "captured": ("succeeded", "captured"),
    "captured_half": ("succeeded", "half"),
    "foreign": ("succeeded", "foreign"),
    "unlisted": ("succeeded", None),
}
"""How far a payment came: the PaymentIntent's status, and its charge."""
BACK = {
    "none": None,
    "pending": {"status": "pending", "pending_reason": "processing"},
    "waiting": {"status": "requires_action"},
    "half": {"amount": 6000},
    "full": {},
    "failed": {"status": "failed", "failure_reason": "declined"},
    "canceled": {"status": "canceled"},
}
DISPUTES = {"none": None, "open": "needs_response", "won": "won", "lost": "lost"}
RECORDS = {
    "none": [],
    "first": [payment()],
    "both": [payment(), payment(id="pay-2", stripe_charge_id="ch_2", stripe_payment_intent_id="pi_2")],
    "twice": [payment(), payment(id="pay-3")],
    "loose": [payment(), payment(id="pay-3", stripe_charge_id=None, stripe_payment_intent_id=None)],
}
ELSEWHERE = {"none": {}, "near": {"sibling_invoices": [sibling()]}}
CODES = {*SCENARIO.guide.precedence(), *SCENARIO.guide.ends}
KINDS = {
    "failed": failed,
    "held": lambda **ids: charge(captured=False, amount_captured=0, **ids),
    "pending": lambda **ids: charge(status="pending", amount_captured=0, **ids),
    "captured": lambda **ids: charge(disputed=False, **ids),
    "half": lambda **ids: charge(amount_captured=6000, disputed=False, **ids),
    "foreign": lambda **ids: charge(currency="cad", disputed=False, **ids),
}


def attempt(state, number):
    """The PaymentIntent and the charges of one payment."""
    status, kind = STATES[state]
    ids = {"id": f"ch_{number}", "payment_intent": f"pi_{number}", "created": NOW - timedelta(hours=number)}
    received = 6000 if kind == "half" else DUE if status == "succeeded" else 0
    unit = "cad" if kind == "foreign" else "usd"
    one = intent(id=f"pi_{number}", status=status, amount_received=received, currency=unit) if status else None
    return one, [KINDS[kind](**ids)] if kind else []


def cells():
    """Every combination that the parts allow; a refund or dispute needs a captured charge."""
    for status, first, second, noted, other in product(INVOICES, STATES, STATES, RECORDS, ELSEWHERE):
        took = STATES[second][0] == "succeeded" and second != "unlisted"
        for back, disputed in product(BACK if took else ("none",), DISPUTES if took else ("none",)):
            yield {
                "invoice": status,
                "first": first,
                "second": second,
                "payments": noted,
                "back": back,
                "dispute": disputed,
                "elsewhere": other,
            }


def facts_of(at):
    main, charges = attempt(at["first"], 1)
    other, siblings = attempt(at["second"], 2)
    back, disputed = BACK[at["back"]], DISPUTES[at["dispute"]]
    on = {"charge": "ch_2", "payment_intent": "pi_2"}
    return evidence(
        invoice=invoice(status=at["invoice"]),
        payments=RECORDS[at["payments"]],
        intent=main,
        siblings=[other] if other else [],
        charges=charges,
        sibling_charges=siblings,
        sibling_refunds=[refund(**{**on, **back})] if back is not None else [],
        sibling_disputes=[dispute(charge="ch_2", status=disputed)] if disputed else [],
        **ELSEWHERE[at["elsewhere"]],
    )


@pytest.fixture(scope="module")
def walked():
    """Each cell of the product with its facts and its verdict; walked once."""
    found = []
    for at in cells():
        looks = facts_of(at)
        found.append((at, looks, rule(SCENARIO, diagnose(SCENARIO, looks), looks)))
    return found


def net(at, name):
    """What a payment of a cell holds, told by the cell alone: a refund on its way and a lost dispute have taken it."""
    held = {"captured": DUE, "captured_half": 6000, "foreign": DUE, "unlisted": DUE}.get(at[name], 0)
    if name == "first" or not held:
        return held
    back = {"pending": DUE, "waiting": DUE, "half": 6000, "full": DUE}.get(at["back"], 0)
    return max(0, held - back - (DUE if at["dispute"] == "lost" else 0))


def is_double(at):
    """Whether both payments of a cell hold money, and more than is due, or money that cannot be compared."""
    first, second = net(at, "first"), net(at, "second")
    return bool(first and second) and (first + second > DUE or "foreign" in (at["first"], at["second"]))


def test_every_cell_has_a_verdict_of_the_closed_set(walked):
    """No combination of answers ends in a code that the playbook has no row for, or in unknown."""
    codes = {each.ruling.code for _, _, each in walked}

    assert set() == codes - CODES
    assert "unknown" not in codes


def test_money_held_twice_is_always_a_double_charge(walked):
    """Where two charges hold more than is due it is said, and nowhere else."""
    wrong = [at for at, _, each in walked if is_double(at) != (each.ruling.code == "double_charge")]

    assert [] == wrong[:5]


def test_captured_money_is_never_unclassified(walked):
    """Unclassified is only what the portal records and Stripe does not show."""
    holes = [
        at
        for at, _, each in walked
        if each.ruling.code == "unclassified"
        and (at["payments"] == "none" or "succeeded" in (STATES[at["first"]][0], STATES[at["second"]][0]))
    ]

    assert [] == holes[:5]


def test_no_ok_while_more_is_on_its_way(walked):
    """A hold or a debit beside a payment that covers what is due, or a refund that is not final, is never ok."""
    under_way = ("held", "debit")
    wrong = [
        at
        for at, _, each in walked
        if each.status == "ok"
        and (
            (at["second"] in under_way and (net(at, "first") == DUE or at["first"] in under_way))
            or (at["first"] in under_way and net(at, "second") == DUE)
            or (
                at["back"] in ("pending", "waiting")
                and at["dispute"] != "lost"
                and {at["first"], at["second"]} == {"captured"}
            )
        )
    ]

    assert [] == wrong[:5]


def test_what_is_given_back_leaves_what_is_due(walked):
    """Whatever is refundable in a cell never takes more than is too much, nor from the charge that is kept."""
    for at, looks, _ in walked:
        facts = Facts(looks)
        over = money.surplus(facts)
        back = sum(money.refundable(facts, each) for each in over)
        kept = money.kept_charge(facts)

        assert is_double(at) == bool(over), at
        assert kept not in over
        assert (
            back == 0 or "foreign" in (at["first"], at["second"]) or net(at, "first") + net(at, "second") - back >= DUE
        )


def test_a_disputed_charge_is_never_refundable(walked):
    """While its dispute is open nothing of it may be given back, and it is not the one to keep beside another."""
    for at, looks, _ in walked:
        if at["dispute"] == "open":
            facts = Facts(looks)
            assert [0] * len(money.surplus(facts)) == [money.refundable(facts, each) for each in money.surplus(facts)]


def test_first_finding_decides(walked):
    """The verdict is the first finding in the playbook's order of the worst severity."""
    order = SCENARIO.guide.precedence()
    for at, _, each in walked:
        worst = [order.index(one.code) for one in each.findings if one.severity == each.findings[0].severity]

        assert sorted(worst) == worst, at
