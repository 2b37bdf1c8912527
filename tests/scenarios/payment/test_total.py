"""The verdicts of `payment check` are total: every combination of what the systems can say has a named verdict."""

from itertools import product

import pytest

from peakops.scenarios.payment.check import SCENARIO

from .conftest import charge, dispute, failed, intent, invoice, payment, refund

INVOICES = ("draft", "open", "paid", "void", "refunded", "uncollectible")
PAYMENTS = {
    "none": [],
    "pending": [payment(status="pending")],
    "succeeded": [payment()],
    "failed": [payment(status="failed")],
    "refund_pending": [payment(), payment(id="pay-2", status="refund_pending", stripe_refund_id="re_1")],
    "refunded": [payment(), payment(id="pay-2", status="refunded", stripe_refund_id="re_1")],
    "half_refunded": [payment(), payment(id="pay-2", status="refunded", stripe_refund_id="re_1", amount=5000)],
}
INTENTS = {
    "none": None,
    "missing": intent(status=None),
    "other_mode": intent(status=None, mode="live"),
    "requires_payment_method": intent(status="requires_payment_method"),
    "authentication_failed": intent(
        status="requires_payment_method", last_payment_error_code="payment_intent_authentication_failure"
    ),
    "requires_confirmation": intent(status="requires_confirmation"),
    "requires_action": intent(status="requires_action"),
    "processing": intent(status="processing"),
    "requires_capture": intent(status="requires_capture"),
    "succeeded": intent(amount_received=12000),
    "canceled": intent(status="canceled"),
    "new_status": intent(status="requires_prayer"),
    "foreign": intent(status="requires_payment_method", currency="cad"),
}
CHARGES = {
    "none": [],
    "declined": [failed(outcome_reason="insufficient_funds")],
    "declined_oddly": [failed(outcome_reason="no_such_code")],
    "declined_bare": [failed()],
    "invalid": [failed(outcome_type="invalid", failure_code=None)],
    "no_outcome": [failed(outcome_type=None)],
    "blocked": [failed(outcome_type="blocked", outcome_reason="rule")],
    "abandoned": [
        failed(
            outcome_type=None,
            payment_method_details_card_three_d_secure_result="failed",
            payment_method_details_card_three_d_secure_result_reason="abandoned",
        )
    ],
    "pending": [charge(status="pending", amount_captured=0)],
    "held": [charge(captured=False, amount_captured=0)],
    "captured": [charge()],
    "captured_less": [charge(amount_captured=10000)],
    "captured_after_decline": [charge(), failed(id="ch_0", outcome_reason="expired_card")],
    "captured_twice": [charge(), charge(id="ch_2", payment_intent="pi_2")],
}
REFUNDS = {
    "none": [],
    "pending": [refund(status="pending")],
    "part": [refund(amount=5000)],
    "full": [refund()],
    "failed": [refund(status="failed", failure_reason="lost_or_stolen_card")],
    "canceled": [refund(status="canceled")],
}
DISPUTES = {"none": [], "open": [dispute()], "won": [dispute(status="won")], "lost": [dispute(status="lost")]}
CODES = {*SCENARIO.guide.precedence(), *SCENARIO.guide.ends}
CLOSED_SET = {code.removeprefix("card.").removeprefix("local.") for code in CODES}

UNCLASSIFIED = {
    "an invoice status that the playbook does not know": lambda at: at["invoice"] == "uncollectible",
    "a PaymentIntent status that Stripe has not documented": lambda at: at["intent"] == "new_status",
    "a success without amount or charge: Stripe contradicts itself": lambda at: (
        at["charges"] == "none" and at["intent"] == "succeeded"
    ),
    "an uncaptured charge whose PaymentIntent is not to be captured": lambda at: at["charges"] == "held",
}
"""Why a cell may be unclassified; a cell that fits none of these is a hole in the table."""


def cells():
    """Every combination that the parts allow; refunds and disputes need a charge that was captured."""
    for status, paid, asked, tried in product(INVOICES, PAYMENTS, INTENTS, CHARGES):
        captured = tried.startswith("captured") or asked == "succeeded"
        for back, disputed in product(REFUNDS if captured else ("none",), DISPUTES if captured else ("none",)):
            yield {
                "invoice": status,
                "payments": paid,
                "intent": asked,
                "charges": tried,
                "refunds": back,
                "disputes": disputed,
            }


def judged(judge, at):
    return judge(
        invoice=invoice(status=at["invoice"]),
        payments=PAYMENTS[at["payments"]],
        intent=INTENTS[at["intent"]],
        charges=CHARGES[at["charges"]],
        refunds=REFUNDS[at["refunds"]],
        disputes=DISPUTES[at["disputes"]],
    )


@pytest.fixture(scope="module")
def walked():
    """Each cell of the product with its verdict; walked once."""
    from peakops.investigate import diagnose
    from peakops.verdict import rule

    from .conftest import evidence

    def judge(**said):
        looked = evidence(**said)
        return rule(SCENARIO, diagnose(SCENARIO, looked), looked)

    return [(at, judged(judge, at)) for at in cells()]


def test_every_cell_has_a_verdict_of_the_closed_set(walked):
    """No combination of answers ends in a code that the playbook has no row for, or in unknown."""
    codes = {each.ruling.code for _, each in walked}

    assert set() == codes - CLOSED_SET
    assert "unknown" not in codes


def test_unclassified_cells_have_a_reason(walked):
    """An unclassified cell is one of the listed contradictions or novelties, never an ordinary state."""
    holes = [
        at
        for at, each in walked
        if each.ruling.code == "unclassified" and not any(fits(at) for fits in UNCLASSIFIED.values())
    ]

    assert [] == holes[:5]


def test_captured_money_is_never_unclassified(walked):
    """Where Stripe holds money, there is a named verdict, whatever else is strange."""
    lost = [
        at
        for at, each in walked
        if each.ruling.code == "unclassified" and (at["charges"].startswith("captured") or at["intent"] == "succeeded")
    ]

    assert [] == lost[:5]


def test_ok_only_where_both_sides_agree(walked):
    """An ok verdict is never given while Stripe holds money that the portal does not show, or the other way round."""
    wrong = [
        at
        for at, each in walked
        if each.ruling.code == "paid"
        and not (
            at["invoice"] == "paid"
            and at["payments"] in ("succeeded", "refund_pending", "refunded", "half_refunded")
            and (at["charges"].startswith("captured") or at["intent"] == "succeeded")
            and at["disputes"] in ("none", "won")
        )
    ]

    assert [] == wrong[:5]


def test_first_finding_decides(walked):
    """The verdict is the first finding in the playbook's order of the worst severity."""
    order = SCENARIO.guide.precedence()
    rank = {code: index for index, code in enumerate(order)}
    for at, each in walked:
        worst = [one for one in each.findings if one.severity == each.findings[0].severity]
        ranks = [rank.get(one.code, rank.get(f"card.{one.code}", 0)) for one in worst]

        assert sorted(ranks) == ranks, at
