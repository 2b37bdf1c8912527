"""One judgement a row of the playbook, on literal facts."""

import dataclasses
from datetime import timedelta

import pytest

from peakops import playbook
from peakops.scenario import Facts
from peakops.scenarios.payment.attempt import newest, row_of
from peakops.scenarios.payment.check_attempt import decline_of
from peakops.scenarios.payment.money import amount

from .conftest import NOW, charge, dispute, event, evidence, failed, intent, invoice, payment, refund

PAID = {"invoice": invoice(status="paid"), "payments": [payment()], "intent": intent(), "charges": [charge()]}


def verdict(judged):
    return judged.ruling.code, judged.ruling.cause, judged.status.value


def test_paid(judge):
    """The money was taken, invoice and payments row say so: paid, and nothing is wrong."""
    assert ("paid", None, "ok") == verdict(judge(**PAID))


def test_money_with_an_open_invoice_was_not_delivered(judge):
    """Stripe took it, the invoice is open, and Stripe's event still waits for an endpoint."""
    judged = judge(intent=intent(), charges=[charge()], events=[event()])

    assert ("paid_not_recorded", "webhook_not_delivered", "critical") == verdict(judged)
    again, record = judged.findings[0].next
    assert "stripe events resend evt_1 --webhook-endpoint=we_1" == again
    assert record.startswith("peakops payment mark-paid ")


def test_live_events_are_resent_live(judge):
    """The command for an event of live mode says --live, or the Stripe CLI would look in test mode."""
    judged = judge(intent=intent(), charges=[charge()], events=[event(livemode=True)])

    assert "stripe events resend evt_1 --webhook-endpoint=we_1 --live" == judged.findings[0].next[0]


def test_a_failed_row_of_the_log_is_not_processed(judge):
    """The portal has the event and failed on it: a redelivery alone will fail again, so the cause says so."""
    row = {"event_id": "evt_1", "event_type": "payment_intent.succeeded", "status": "failed", "error": "no such column"}
    judged = judge(intent=intent(), charges=[charge()], webhooks=[row], events=[event()])

    assert ("paid_not_recorded", "webhook_not_processed", "critical") == verdict(judged)
    assert "no such column" in judged.ruling.says


def test_an_acknowledged_event_without_a_row_is_not_processed(judge):
    """Every endpoint answered 2xx and the portal has no trace: the handler did not do its work."""
    judged = judge(intent=intent(), charges=[charge()], events=[event(pending_webhooks=0)])

    assert "webhook_not_processed" == judged.ruling.cause


@pytest.mark.parametrize("silent", ["events", "webhooks", "endpoints"])
def test_the_webhook_looks_feed_only_the_cause(judge, silent):
    """A silent webhook look changes neither code nor status, and makes the verdict incomplete."""
    judged = judge((silent,), intent=intent(), charges=[charge()])

    assert ("paid_not_recorded", "webhook_unknown", "critical") == verdict(judged)
    assert not judged.ruling.complete


@pytest.mark.parametrize("status", ["draft", "void", "open", "uncollectible"])
def test_money_on_an_invoice_that_is_not_paid(judge, status):
    """Captured money is paid_not_recorded whatever else the invoice says, a draft or void one too."""
    judged = judge(invoice=invoice(status=status), payments=[payment()], intent=intent(), charges=[charge()])

    assert "paid_not_recorded" == judged.ruling.code


def test_a_paid_invoice_without_a_payments_row(judge):
    """The invoice alone is half a record."""
    assert "paid_not_recorded" == judge(**{**PAID, "payments": []}).ruling.code


def test_paid_but_stripe_captured_nothing(judge):
    """The portal claims a payment that Stripe does not have."""
    judged = judge(invoice=invoice(status="paid"), payments=[payment()], intent=intent(status="canceled"))

    assert "recorded_not_paid" == judged.ruling.code


def test_nothing_due_and_paid(judge):
    """An invoice over nothing is paid without Stripe."""
    judged = judge(invoice=invoice(status="paid", amount_due=0, stripe_payment_intent_id=None))

    assert ("paid", None, "ok") == verdict(judged)


def test_two_charges_that_hold_money(judge):
    """A second PaymentIntent of the same invoice took the money again."""
    second = charge(id="ch_2", payment_intent="pi_2")
    judged = judge(**{**PAID, "siblings": [intent(id="pi_2")], "charges": [charge(), second]})

    assert "paid_twice" == judged.ruling.code
    assert "ch_1" in judged.ruling.says
    assert "ch_2" in judged.ruling.says


def test_a_sibling_that_succeeded_without_its_charge_counts(judge):
    """Captured money is never overlooked because a charge could not be listed."""
    sibling = intent(id="pi_2", amount_received=12000, latest_charge_id="ch_2", latest_charge_created=NOW)

    assert "paid_twice" == judge(**{**PAID, "siblings": [sibling]}).ruling.code


def test_the_second_charge_was_given_back(judge):
    """Paid twice and refunded once is paid."""
    second = charge(id="ch_2", payment_intent="pi_2")
    back = refund(charge="ch_2", payment_intent="pi_2")
    row = payment(id="pay-2", status="refunded", stripe_refund_id="re_1")
    judged = judge(**{**PAID, "payments": [payment(), row], "charges": [charge(), second], "refunds": [back]})

    assert ("paid", None, "ok") == verdict(judged)


@pytest.mark.parametrize(
    ("captured", "row", "code"),
    [(10000, 12000, "amount_mismatch"), (12000, 11000, "amount_mismatch"), (12000, 12000, "paid")],
)
def test_amounts(judge, captured, row, code):
    """Invoice, charge and payments row must be over the same amount."""
    judged = judge(**{**PAID, "charges": [charge(amount_captured=captured)], "payments": [payment(amount=row)]})

    assert code == judged.ruling.code


def test_currencies(judge):
    """120.00 CAD are not 120.00 USD."""
    assert "currency_mismatch" == judge(**{**PAID, "charges": [charge(currency="cad")]}).ruling.code


def test_spelling_of_a_currency_is_no_difference(judge):
    """USD and usd are one currency."""
    assert "paid" == judge(**{**PAID, "invoice": invoice(status="paid", currency="USD")}).ruling.code


@pytest.mark.parametrize(
    ("status", "code", "cause"),
    [
        ("needs_response", "disputed", "open"),
        ("warning_under_review", "disputed", "open"),
        ("appeal_needs_response", "disputed", "open"),
        ("lost", "disputed", "lost"),
        ("won", "paid", None),
        ("warning_closed", "paid", None),
        ("prevented", "paid", None),
    ],
)
def test_disputes(judge, status, code, cause):
    """Open and lost disputes decide, closed ones do not; a status that is new counts as open."""
    judged = judge(**{**PAID, "disputes": [dispute(status=status)]})

    assert (code, cause) == (judged.ruling.code, judged.ruling.cause)


def test_wrong_mode(judge):
    """Stripe says that the object lives in the other mode: nothing else may be concluded."""
    judged = judge(intent=intent(status=None, mode="live"))

    assert ("wrong_mode", None, "critical") == verdict(judged)


REFUNDED = {"invoice": invoice(status="refunded"), "intent": intent(), "charges": [charge()]}


def refunded_row(**said):
    return payment(id="pay-2", status="refunded", stripe_refund_id="re_1", **said)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({**REFUNDED, "refunds": [refund()], "payments": [payment(), refunded_row()]}, "refunded"),
        ({**REFUNDED, "refunds": [], "payments": [payment()]}, "refund_not_made"),
        ({**REFUNDED, "refunds": [refund(amount=5000)], "payments": [payment()]}, "refund_not_made"),
        ({**REFUNDED, "refunds": [refund(status="canceled")], "payments": [payment()]}, "refund_not_made"),
        ({**REFUNDED, "refunds": [refund(status="failed")], "payments": [payment()]}, "refund_failed"),
        ({**REFUNDED, "refunds": [refund(status="pending")], "payments": [payment()]}, "refund_pending"),
        ({**PAID, "refunds": [refund()]}, "refunded_not_recorded"),
        ({**PAID, "refunds": [refund(amount=5000)]}, "partly_refunded_not_recorded"),
        ({**PAID, "refunds": [refund(amount=5000)], "payments": [payment(), refunded_row(amount=5000)]}, "paid"),
        ({**PAID, "refunds": [], "payments": [payment(), refunded_row(amount=5000)]}, "refund_not_made"),
    ],
)
def test_refunds(judge, facts, code):
    """What was given back must be the same on both sides, and must have arrived."""
    assert code == judge(**facts).ruling.code


def test_a_failed_refund_that_was_made_again(judge):
    """A later refund of the same charge takes the failed one's place."""
    first = refund(id="re_0", status="failed", created=NOW - timedelta(days=3))
    judged = judge(**{**REFUNDED, "refunds": [refund(), first], "payments": [payment(), refunded_row()]})

    assert "refunded" == judged.ruling.code


@pytest.mark.parametrize("status", ["void", "draft"])
def test_void_and_draft(judge, status):
    """Nobody is to pay them, and nobody did."""
    assert (status, None, "ok") == verdict(judge(invoice=invoice(status=status)))


def test_blocked_by_radar_comes_before_the_decline_code(judge):
    """outcome.type is read first: generic_decline on a blocked charge is our own doing, not the bank's."""
    blocked = failed(outcome_type="blocked", outcome_reason="rule", failure_code="card_declined")
    judged = judge(intent=intent(status="requires_payment_method"), charges=[blocked])

    assert ("blocked_by_radar", None, "critical") == verdict(judged)
    assert ["blocked_by_radar"] == [each.code for each in judged.findings]


TRIED = {"intent": intent(status="requires_payment_method")}
DECLINES = [("card", code) for code in playbook.words("declines")["card"]]
DECLINES += [("local", code) for code in playbook.words("declines")["local"]]


@pytest.mark.parametrize(("kind", "code"), DECLINES)
def test_every_decline_code_has_its_verdict(judge, kind, code):
    """Each of the 50 card codes and 24 local codes is its own verdict, with the words of its own table."""
    words = playbook.words("declines")[kind][code]
    method = {"card": "card", "local": "paypal"}[kind]
    one = failed(outcome_reason=words.get("reason", code), payment_method_details_type=method)
    error = {"last_payment_error_charge": "ch_1", "last_payment_error_code": "card_declined"}
    asked = intent(status="requires_payment_method", **error, last_payment_error_decline_code=code)
    judged = judge(intent=asked, charges=[one])

    assert (code, "warning") == (judged.ruling.code, judged.status.value)
    assert words["title"] == judged.ruling.title
    assert f"payment.check.decline.{kind}.{code}" == judged.findings[0].playbook


def test_the_reason_of_a_charge_alone_names_the_decline(judge):
    """`last_payment_error` is wiped on update; the charge keeps the reason in outcome.reason."""
    judged = judge(**TRIED, charges=[failed(outcome_reason="insufficient_funds")])

    assert "insufficient_funds" == judged.ruling.code


@pytest.mark.parametrize("code", ["card_declined", None])
def test_card_declined_alone_is_no_reason(judge, code):
    """card_declined is an error code: without a decline code the reason is unknown, and that is said."""
    judged = judge(**TRIED, charges=[failed(failure_code=code)])

    assert "declined_unknown_code" == judged.ruling.code
    assert "not a reason" in judged.ruling.says


def test_only_the_newest_attempt_counts(judge):
    """An older decline does not outrank the newest one."""
    older = failed(id="ch_0", outcome_reason="expired_card", created=NOW - timedelta(days=1))
    judged = judge(**TRIED, charges=[failed(outcome_reason="insufficient_funds"), older])

    assert ["insufficient_funds"] == [each.code for each in judged.findings]


def test_a_decline_before_a_success_is_history(judge):
    """Declined first, paid then: the decline is not found at all."""
    older = failed(id="ch_0", outcome_reason="expired_card", created=NOW - timedelta(days=1))
    judged = judge(**{**PAID, "charges": [charge(), older]})

    assert ["paid"] == [each.code for each in judged.findings]


@pytest.mark.parametrize(
    ("advice", "network", "code", "retry"),
    [
        (None, None, "insufficient_funds", "later"),
        ("do_not_try_again", None, "insufficient_funds", "never"),
        ("try_again_later", None, "expired_card", "fix_first"),
        ("do_not_try_again", None, "do_not_honor", "never"),
        ("try_again_later", None, "do_not_honor", "later"),
        ("confirm_card_data", "03", "insufficient_funds", "never"),
        ("try_again_later", "01", "insufficient_funds", "fix_first"),
        ("try_again_later", None, "stolen_card", "never"),
        (None, "24", "generic_decline", "later"),
    ],
)
def test_advice_outranks_the_table(advice, network, code, retry):
    """Of advice_code, the network's advice and the table the strictest holds: advice never loosens a row."""
    one = failed(outcome_reason=code, outcome_advice_code=advice, outcome_network_advice_code=network)
    found = decline_of(Facts(evidence(**TRIED, charges=[one])))

    assert retry == found["retry"]


@pytest.mark.parametrize("code", ["fraudulent", "lost_card", "stolen_card", "merchant_blacklist", "pickup_card"])
def test_a_reason_to_conceal_has_no_words_for_the_customer(judge, code):
    """Fraud, lost, stolen and block lists are never told: the reply is the generic one."""
    judged = judge(**TRIED, charges=[failed(outcome_reason=code)])

    assert playbook.guide("payment", "check").concealed == judged.ruling.customer


def test_advice_that_outranks_the_code_outranks_its_words(judge):
    """With do_not_try_again the operator is not told to retry, although the code's own row says later."""
    judged = judge(**TRIED, charges=[failed(outcome_reason="processing_error", outcome_advice_code="do_not_try_again")])

    assert playbook.words("payment")["advised"]["never"]["do"] == judged.ruling.do
    assert playbook.words("payment")["advised"]["never"]["customer"] == judged.ruling.customer


AUTHENTICATION = {
    "outcome_type": None,
    "failure_code": "payment_intent_authentication_failure",
    "payment_method_details_card_three_d_secure_result": "failed",
}


@pytest.mark.parametrize("reason", ["abandoned", "rejected"])
def test_three_d_secure_abandoned_and_rejected(judge, reason):
    """An abandoned confirmation and a rejected one are told apart by the cause."""
    one = failed(**AUTHENTICATION, payment_method_details_card_three_d_secure_result_reason=reason)
    judged = judge(**TRIED, charges=[one])

    assert ("needs_customer_action", f"authentication_{reason}", "warning") == verdict(judged)


def test_waiting_for_the_customer(judge):
    """requires_action: the customer has the bank's question open."""
    asked = intent(status="requires_action", next_action_type="redirect_to_url")

    assert ("needs_customer_action", "waiting_for_customer", "warning") == verdict(judge(intent=asked))


def test_a_bank_debit_under_way(judge):
    """processing is not paid yet."""
    pending = charge(status="pending", amount_captured=0, payment_method_details_type="us_bank_account")

    assert "bank_debit_pending" == judge(intent=intent(status="processing"), charges=[pending]).ruling.code


def test_a_hold_names_the_moment_it_lapses(judge):
    """requires_capture: the sentence holds capture_before."""
    held = charge(captured=False, amount_captured=0, payment_method_details_card_capture_before=NOW)
    judged = judge(intent=intent(status="requires_capture"), charges=[held])

    assert "authorised_not_captured" == judged.ruling.code
    assert "20 Nov 2026 15:00 UTC" in judged.ruling.says


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (None, "never_attempted"),
        (intent(status="requires_payment_method"), "never_attempted"),
        (intent(status="requires_confirmation"), "never_attempted"),
        (intent(status="canceled", cancellation_reason="abandoned"), "canceled"),
        (intent(status=None), "intent_missing_in_stripe"),
    ],
)
def test_no_attempt(judge, asked, code):
    """Nothing was charged: never tried, canceled, or an id that Stripe does not have."""
    assert (code, None, "warning") == verdict(judge(intent=asked))


@pytest.mark.parametrize("look", ["invoice", "payments", "intent", "charges", "refunds", "disputes"])
def test_ok_needs_every_look_that_could_speak_against_it(judge, look):
    """Paid is said only when invoice, payments, intent, charges, refunds and disputes answered."""
    assert ("unknown", "unknown") == (judge((look,), **PAID).ruling.code, judge((look,), **PAID).status.value)


@pytest.mark.parametrize(("look", "code"), [("refunds", "canceled"), ("disputes", "canceled"), ("charges", "unknown")])
def test_a_warning_needs_less(judge, look, code):
    """A warning stands without refunds and disputes, and not without charges."""
    assert code == judge((look,), intent=intent(status="canceled")).ruling.code


def test_silent_charges_do_not_hide_that_money_was_taken(judge):
    """The PaymentIntent alone proves the money; what the charges would say is missing and said to be."""
    asked = intent(amount_received=12000, latest_charge_id="ch_1", latest_charge_created=NOW)
    judged = judge(("charges",), intent=asked)

    assert ("paid_not_recorded", "critical") == (judged.ruling.code, judged.status.value)
    assert ("stripe",) == judged.ruling.sources.missing


def test_everything_silent_is_unknown(judge):
    """Nothing answered: unknown, never not found and never ok."""
    judged = judge(("invoice", "payments", "intent", "charges", "siblings", "refunds", "disputes"))

    assert ("unknown", None, "unknown") == verdict(judged)


def test_a_hold_is_believed_without_its_charge(judge):
    """requires_capture alone says that money is on hold; since when and until when is not known."""
    assert "authorised_not_captured" == judge(intent=intent(status="requires_capture")).ruling.code


def test_a_payment_that_names_another_invoice(judge):
    """Money that names another invoice is said to, before anybody marks the wrong one as paid."""
    judged = judge(intent=intent(metadata_invoice_number="INV-999"), charges=[charge()])

    assert "paid_not_recorded" == judged.ruling.code
    assert "names INV-999" in judged.ruling.says


@pytest.mark.parametrize(
    ("method", "code", "reason", "row"),
    [
        ("paypal", "expired_card", None, "local.expired_card"),
        ("card", "expired_card", None, "card.expired_card"),
        ("link", "do_not_honor", None, "card.do_not_honor"),
        ("card", "lost_or_stolen_card", None, "local.lost_or_stolen_card"),
        ("paypal", None, "partner_invalid_amount", "local.invalid_amount"),
        ("paypal", None, "generic_decline", None),
        ("blik", "code_expired", "generic_decline", "local.code_expired"),
    ],
)
def test_the_method_decides_which_row(method, code, reason, row):
    """A code of both kinds is told apart by the method; one of a single kind is of that kind."""
    one = failed(outcome_reason=reason, payment_method_details_type=method)
    error = {"last_payment_error_charge": "ch_1", "last_payment_error_decline_code": code}
    asked = intent(status="requires_payment_method", last_payment_error_code="card_declined", **error)
    found = newest(Facts(evidence(intent=asked, charges=[one])))

    assert row == row_of(dataclasses.replace(found, code=code))


def sibling(**said):
    """A second PaymentIntent of the invoice."""
    return intent(id="pi_2", **said)


OPEN = {"intent": intent(status="requires_payment_method")}
SECOND = {"id": "ch_2", "payment_intent": "pi_2"}


def test_a_refund_that_only_the_charge_tells_of(judge):
    """amount_refunded beyond the refunds that are listed has been given back all the same."""
    judged = judge(**{**PAID, "charges": [charge(amount_refunded=12000)]})

    assert "refunded_not_recorded" == judged.ruling.code


def test_a_charge_marked_as_disputed(judge):
    """A charge that says it is disputed is, though its dispute is not in the list."""
    assert "disputed" == judge(**{**PAID, "charges": [charge(disputed=True)]}).ruling.code
    won = judge(**{**PAID, "charges": [charge(disputed=True)], "disputes": [dispute(status="won")]})
    assert "paid" == won.ruling.code


def test_silent_refunds_prove_nothing_of_money_that_may_be_gone(judge):
    """Without charges and refunds a success may have been given back: unknown, never paid_not_recorded."""
    asked = intent(amount_received=12000, latest_charge_id="ch_1", latest_charge_created=NOW)
    judged = judge(("charges", "refunds"), intent=asked)

    assert "unknown" == judged.ruling.code


def test_a_success_given_back_by_its_own_word(judge):
    """The PaymentIntent's newest charge says that all was refunded: no money is ours, charges or not."""
    asked = intent(amount_received=12000, latest_charge_id="ch_1", latest_charge_amount_refunded=12000)
    judged = judge(("charges", "refunds"), intent=asked, invoice=invoice(status="refunded"))

    assert "paid_not_recorded" not in [each.code for each in judged.findings]


def test_two_halves_are_one_payment(judge):
    """60.00 and 60.00 on an invoice over 120.00 is paid in two parts, not paid twice."""
    halves = [charge(amount_captured=6000), charge(**SECOND, amount_captured=6000)]
    rows = [payment(amount=6000), payment(id="pay-2", amount=6000, stripe_charge_id="ch_2")]
    judged = judge(**{**PAID, "siblings": [sibling()], "charges": halves, "payments": rows})

    assert "paid" == judged.ruling.code


def test_money_on_an_open_invoice_is_proven_without_the_payments_rows(judge):
    """The payments rows are silent: the invoice is open and Stripe has the money, and that is enough."""
    judged = judge(("payments",), intent=intent(), charges=[charge()])

    assert ("paid_not_recorded", "critical") == (judged.ruling.code, judged.status.value)


def test_a_payments_row_in_another_currency(judge):
    """The row says EUR where Stripe took USD."""
    assert "currency_mismatch" == judge(**{**PAID, "payments": [payment(currency="eur")]}).ruling.code


def test_an_unpaid_sibling_in_another_currency_is_no_mismatch(judge):
    """What was never paid does not make a paid invoice wrong."""
    judged = judge(**{**PAID, "siblings": [sibling(status="requires_payment_method", currency="eur")]})

    assert "paid" == judged.ruling.code


def test_a_second_bank_debit_is_said_though_the_invoice_is_paid(judge):
    """More money is on its way: that is a warning, also beside a payment."""
    assert "bank_debit_pending" == judge(**{**PAID, "siblings": [sibling(status="processing")]}).ruling.code


@pytest.mark.parametrize(
    "older",
    [
        {"status": "requires_action"},
        {"status": "requires_payment_method", "last_payment_error_code": "payment_intent_authentication_failure"},
    ],
)
def test_an_older_siblings_state_is_not_the_newest_attempt(judge, older):
    """A sibling of last week that waits for 3D Secure does not outrank today's decline."""
    old = sibling(created=NOW - timedelta(days=5), **older)
    judged = judge(**OPEN, siblings=[old], charges=[failed(outcome_reason="expired_card")])

    assert "expired_card" == judged.ruling.code


def test_a_canceled_hold_does_not_hide_a_decline(judge):
    """An uncaptured charge of a canceled PaymentIntent holds nothing any more."""
    gone = charge(**SECOND, captured=False, amount_captured=0, created=NOW - timedelta(days=5))
    judged = judge(
        **OPEN,
        siblings=[sibling(status="canceled", created=NOW - timedelta(days=5))],
        charges=[failed(outcome_reason="expired_card"), gone],
    )

    assert "expired_card" == judged.ruling.code


@pytest.mark.parametrize(
    ("endpoints", "says"),
    [
        ([], "there is no webhook endpoint"),
        ([{"id": "we_1", "url": "https://p", "status": "disabled", "enabled_events": ["*"]}], "is disabled"),
        ([{"id": "we_1", "url": "https://p", "status": "enabled", "enabled_events": ["x"]}], "no endpoint takes"),
    ],
)
def test_nobody_acknowledged_what_nobody_takes(judge, endpoints, says):
    """pending_webhooks 0 without an endpoint that takes the event is no delivery, and is not sent again to nobody."""
    judged = judge(intent=intent(), charges=[charge()], events=[event(pending_webhooks=0)], endpoints=endpoints)

    assert "webhook_not_delivered" == judged.ruling.cause
    assert says in judged.ruling.says
    assert [] == [each for each in judged.findings[0].next if each.startswith("stripe")]


def test_an_event_that_names_only_the_charge_is_in_the_log(judge):
    """The log's look by charge feeds the cause as the look by PaymentIntent does."""
    row = {"event_id": "evt_9", "event_type": "charge.succeeded", "status": "failed", "error": None}
    judged = judge(intent=intent(), charges=[charge()], webhooks_of_charges=[row], events=[event()])

    assert "webhook_not_processed" == judged.ruling.cause


def test_a_payment_that_another_invoice_records(judge):
    """Before money is recorded twice it is said which other invoice records it, and nothing is sent again."""
    claim = {"invoice_number": "INV-9", "status": "paid", "intent": "pi_1"}
    judged = judge(intent=intent(), charges=[charge()], claims=[claim], events=[event()])

    assert "INV-9 records this payment too" in judged.ruling.says
    assert () == judged.findings[0].next


def test_advice_of_the_intents_own_error(judge):
    """The same advice fields stand on last_payment_error, and count where there is no charge."""
    error = {"last_payment_error_code": "card_declined", "last_payment_error_decline_code": "insufficient_funds"}
    asked = intent(status="requires_payment_method", **error, last_payment_error_advice_code="do_not_try_again")

    assert playbook.words("payment")["advised"]["never"]["do"] == judge(intent=asked).ruling.do


def test_advice_with_an_unknown_code_is_told(judge):
    """The code is unknown, the advice is not: it is in the sentence and in what to do."""
    judged = judge(**OPEN, charges=[failed(outcome_reason="no_such_code", outcome_advice_code="do_not_try_again")])

    assert "declined_unknown_code" == judged.ruling.code
    assert "do_not_try_again" in judged.ruling.says
    assert playbook.words("payment")["advised"]["never"]["do"] == judged.ruling.do


def test_a_code_of_the_error_table_is_explained(judge):
    """A bank account's error code is no decline code, but the playbook knows what it means."""
    judged = judge(
        **OPEN, charges=[failed(failure_code="account_closed", payment_method_details_type="us_bank_account")]
    )

    assert "declined_unknown_code" == judged.ruling.code
    assert playbook.words("declines")["error"]["account_closed"]["means"] in judged.ruling.says


@pytest.mark.parametrize(
    "later", [[refund(id="re_2")], [refund(id="re_2", amount=6000), refund(id="re_3", amount=6000)]]
)
def test_a_failed_refund_made_again_in_any_parts(judge, later):
    """One refund or two halves take a failed one's place, also when made in the same second."""
    rows = [payment(), refunded_row()]
    judged = judge(**{**REFUNDED, "refunds": [*later, refund(id="re_0", status="failed")], "payments": rows})

    assert "refunded" == judged.ruling.code


@pytest.mark.parametrize("status", ["draft", "void"])
def test_money_taken_and_given_back_on_a_void_invoice(judge, status):
    """It is noted in the payments rows or it is not recorded; on these invoices the status cannot say it."""
    given = {"invoice": invoice(status=status), "intent": intent(), "charges": [charge()], "refunds": [refund()]}

    assert "refunded_not_recorded" == judge(**given).ruling.code
    assert status == judge(**given, payments=[refunded_row()]).ruling.code


def test_a_refund_row_that_still_waits_contradicts_a_final_refund(judge):
    """Stripe has finished, the row says refund_pending: not recorded."""
    row = payment(id="pay-2", status="refund_pending", stripe_refund_id="re_1")
    judged = judge(**{**REFUNDED, "refunds": [refund()], "payments": [payment(), row]})

    assert "refunded_not_recorded" == judged.ruling.code


def test_another_charges_failed_refund_is_not_ours(judge):
    """A failed refund of a charge that is not captured here says nothing of this invoice."""
    judged = judge(**{**PAID, "refunds": [refund(charge="ch_stranger", status="failed")]})

    assert "paid" == judged.ruling.code


def test_a_refund_row_is_no_payment(judge):
    """A row with a refund's id does not record that money came in."""
    row = payment(stripe_refund_id="re_1")

    assert "paid_not_recorded" == judge(**{**PAID, "payments": [row]}).ruling.code


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (12000, "usd", "120.00 USD"),
        (5, "usd", "0.05 USD"),
        (12000, "jpy", "12000 JPY"),
        (1234, "kwd", "1.234 KWD"),
        (-150, "eur", "-1.50 EUR"),
    ],
)
def test_amounts_are_written_in_their_currency(minor, currency, text):
    """Two decimals, none, or three, as the currency has them; never through a float."""
    assert text == amount(minor, currency)


def test_an_uncaptured_charge_is_no_money(judge):
    """A charge that succeeded and was not captured holds money of the bank's, not ours."""
    judged = judge(intent=intent(status="requires_capture"), charges=[charge(captured=False)])

    assert "authorised_not_captured" == judged.ruling.code


def test_a_success_without_a_charge_is_dated_by_its_newest_charge(judge):
    """The day in the sentence is when the money was taken, not when the PaymentIntent was made."""
    taken = intent(amount_received=12000, latest_charge_amount_refunded=0, latest_charge_created=NOW)
    judged = judge(("charges",), intent={**taken, "created": NOW - timedelta(days=30)})

    assert "on 20 Nov 2026 15:00 UTC" in judged.ruling.says


def test_a_refund_that_waits_for_the_customer_is_on_its_way(judge):
    """requires_action counts as gone: the invoice is not paid_not_recorded while the refund is under way."""
    judged = judge(**{**REFUNDED, "refunds": [refund(status="requires_action")], "payments": [payment()]})

    assert "refund_pending" == judged.ruling.code


def test_more_given_back_than_taken(judge):
    """A refund over more than the charge is a full one."""
    assert "refunded_not_recorded" == judge(**{**PAID, "refunds": [refund(amount=15000)]}).ruling.code


def test_a_part_that_is_noted_too_small(judge):
    """The row says 20.00 were refunded where Stripe refunded 50.00."""
    rows = [payment(), refunded_row(amount=2000)]

    assert (
        "partly_refunded_not_recorded"
        == judge(**{**PAID, "refunds": [refund(amount=5000)], "payments": rows}).ruling.code
    )


def test_the_other_mode_hides_whether_it_was_paid(judge):
    """What the key cannot see is not `recorded but not paid`, and not `missing` either."""
    judged = judge(invoice=invoice(status="paid"), payments=[payment()], intent=intent(status=None, mode="live"))

    assert ["wrong_mode"] == [each.code for each in judged.findings]


def test_nothing_due_but_a_payment_is_noted(judge):
    """An invoice over nothing with a payments row claims money that Stripe never took."""
    judged = judge(invoice=invoice(status="paid", amount_due=0), payments=[payment(amount=0)])

    assert "recorded_not_paid" == judged.ruling.code


@pytest.mark.parametrize("status", ["void", "draft"])
def test_void_is_not_said_while_money_is_held(judge, status):
    """Money on a void invoice is the finding, and no row says that all is well."""
    judged = judge(invoice=invoice(status=status), intent=intent(), charges=[charge()])

    assert ["paid_not_recorded"] == [each.code for each in judged.findings]


def test_the_intents_error_names_the_code_where_the_charge_does_not(judge):
    """The charge says card_declined, the error of its PaymentIntent says why."""
    asked = intent(
        status="requires_payment_method", last_payment_error_charge="ch_1", last_payment_error_code="expired_card"
    )

    assert "expired_card" == judge(intent=asked, charges=[failed(failure_code="card_declined")]).ruling.code


def test_a_bank_that_declines_after_a_failed_3d_secure(judge):
    """The bank declined with a reason: that is the verdict, whatever 3D Secure came to before."""
    one = failed(outcome_reason="expired_card", payment_method_details_card_three_d_secure_result="failed")

    assert "expired_card" == judge(**OPEN, charges=[one]).ruling.code


def test_a_canceled_confirmation_is_abandoned(judge):
    """3D Secure that the customer canceled was abandoned by them."""
    one = failed(**AUTHENTICATION, payment_method_details_card_three_d_secure_result_reason="canceled")

    assert "authentication_abandoned" == judge(**OPEN, charges=[one]).ruling.cause


@pytest.mark.parametrize("method", ["card_present", "interac_present"])
def test_a_card_at_a_reader_is_a_card(judge, method):
    """The card's row is meant, also where local methods know the same code."""
    one = failed(outcome_reason="expired_card", payment_method_details_type=method)

    assert "payment.check.decline.card.expired_card" == judge(**OPEN, charges=[one]).findings[0].playbook


@pytest.mark.parametrize("code", ["payment_method_provider_decline", "payment_intent_payment_attempt_failed"])
def test_error_codes_that_are_no_reason(judge, code):
    """They say that it failed, not why."""
    judged = judge(**OPEN, charges=[failed(failure_code=code)])

    assert "declined_unknown_code" == judged.ruling.code
    assert "not a reason" in judged.ruling.says


@pytest.mark.parametrize(
    "reason", ["highest_risk_level", "elevated_risk_level", "low_probability_of_authorization", "rule"]
)
def test_radars_own_reasons_are_no_decline_codes(judge, reason):
    """On a charge that the bank declined, Radar's word beside it is not the bank's reason."""
    judged = judge(**OPEN, charges=[failed(outcome_reason=reason, failure_code="expired_card")])

    assert "expired_card" == judged.ruling.code


def test_stripe_itself_stops_retries(judge):
    """previously_declined_do_not_retry is advice: never, whatever the code's own row says."""
    one = failed(outcome_reason="previously_declined_do_not_retry", failure_code="processing_error")
    judged = judge(**OPEN, charges=[one])

    assert "processing_error" == judged.ruling.code
    assert playbook.words("payment")["advised"]["never"]["do"] == judged.ruling.do


def test_the_event_that_the_portal_acts_on_is_resent(judge):
    """Of several events of one payment the PaymentIntent's own is named, whichever came first."""
    events = [event(id="evt_c", type="charge.succeeded"), event(id="evt_p", type="payment_intent.succeeded")]
    judged = judge(intent=intent(), charges=[charge()], events=events)

    assert "events resend evt_p" in judged.findings[0].next[0]


def test_a_siblings_charge_counts(judge):
    """What hangs on a sibling is read apart and judged together."""
    judged = judge(**{**PAID, "siblings": [sibling()], "sibling_charges": [charge(**SECOND)]})

    assert "paid_twice" == judged.ruling.code


def test_a_charge_that_says_what_was_refunded_stands_in_for_its_refunds(judge):
    """The refunds are silent, the charge itself says that nothing came back: the money is proven to be ours."""
    assert "paid_not_recorded" == judge(("refunds",), intent=intent(), charges=[charge()]).ruling.code
    back = judge(("refunds",), intent=intent(), charges=[charge(amount_refunded=12000)])
    assert "paid_not_recorded" not in [each.code for each in back.findings]


def test_a_payments_row_of_another_charge_records_nothing(judge):
    """The row names a charge and a PaymentIntent that are not this payment's."""
    row = payment(stripe_charge_id="ch_9", stripe_payment_intent_id="pi_9")

    assert "paid_not_recorded" == judge(**{**PAID, "payments": [row]}).ruling.code


def test_the_newest_intent_is_the_one_that_was_tried_last(judge):
    """An older PaymentIntent that was tried today is newer than one that was made yesterday and not tried since."""
    old = {"status": "requires_payment_method", "created": NOW - timedelta(days=9)}
    waiting = sibling(status="requires_action", created=NOW - timedelta(days=1))
    judged = judge(intent=intent(**old), siblings=[waiting], charges=[failed(outcome_reason="expired_card")])

    assert "expired_card" == judged.ruling.code


def test_the_main_intent_is_the_invoices_own(judge):
    """A newer sibling, and the main one again in the customer's list, do not take the main one's place."""
    again = [sibling(status="requires_payment_method", currency="eur"), intent(status="requires_payment_method")]
    judged = judge(intent=intent(status="requires_payment_method"), siblings=again)

    assert "never_attempted" == judged.ruling.code
    assert "pi_1" in judged.ruling.says


def test_a_paid_invoice_is_not_called_declined_while_siblings_are_silent(judge):
    """What paid it may be a sibling that could not be listed: unknown, and nobody is told to pay again."""
    row = payment(stripe_charge_id=None, stripe_payment_intent_id=None)
    judged = judge(
        ("siblings",),
        invoice=invoice(status="paid"),
        payments=[row],
        **OPEN,
        charges=[failed(outcome_reason="insufficient_funds")],
    )

    assert "unknown" == judged.ruling.code


@pytest.mark.parametrize("charges", [[], [failed(outcome_reason="insufficient_funds")]])
def test_nobody_is_told_to_pay_while_a_payment_could_not_be_looked_for(judge, charges):
    """Siblings are silent: the warning stands, and the customer hears that we are looking into it."""
    judged = judge(("siblings",), **OPEN, charges=charges)

    assert "warning" == judged.status.value
    assert playbook.guide("payment", "check").ends["unknown"].customer == judged.ruling.customer


def test_a_failed_refund_that_was_remade_under_another_id(judge):
    """The first row still waits for a refund that failed; the one that took its place is recorded: refunded."""
    rows = [payment(), refunded_row(), payment(id="pay-3", status="refund_pending", stripe_refund_id="re_0")]
    rows[1]["stripe_refund_id"] = "re_2"
    made = [refund(id="re_2"), refund(id="re_0", status="failed", created=NOW - timedelta(days=3))]

    assert "refunded" == judge(**{**REFUNDED, "refunds": made, "payments": rows}).ruling.code


def test_a_duplicate_that_was_given_back_needs_no_row(judge):
    """The second charge was a mistake, was refunded in full and never recorded: the portal is right."""
    second = charge(**SECOND)
    judged = judge(
        **{**PAID, "siblings": [sibling()], "charges": [charge(), second], "refunds": [refund(charge="ch_2")]}
    )

    assert ("paid", None, "ok") == verdict(judged)


@pytest.mark.parametrize("status", ["requires_capture", "processing"])
def test_more_money_for_a_settled_invoice_is_not_to_be_taken(judge, status):
    """A hold or a debit beside a payment: cancel it, do not capture it or wait for it."""
    judged = judge(**{**PAID, "siblings": [sibling(status=status)]})

    assert "not_needed" == judged.ruling.cause
    assert "ancel" in judged.ruling.do


def test_a_doubtful_payment_has_the_words_for_it(judge):
    """Where another invoice records the payment, neither operator nor customer is told that it is this one's."""
    claim = {"invoice_number": "INV-9", "status": "paid", "intent": "pi_1"}
    words = playbook.words("payment")["instead"]["doubted"]
    judged = judge(intent=intent(), charges=[charge()], claims=[claim])

    assert (words["do"], words["customer"]) == (judged.ruling.do, judged.ruling.customer)


def test_paid_at_nobody_we_know(judge):
    """Stripe does not have the PaymentIntent of a paid invoice: that is said, and listed beside the verdict."""
    judged = judge(invoice=invoice(status="paid"), payments=[payment()], intent=intent(status=None))

    assert ["recorded_not_paid", "intent_missing_in_stripe"] == [each.code for each in judged.findings]
    assert "it has no pi_1" in judged.ruling.says


def test_a_block_before_a_new_attempt_is_history(judge):
    """Blocked first, waiting for the customer now: the newest attempt decides."""
    asked = intent(status="requires_action", next_action_type="use_stripe_sdk")
    judged = judge(intent=asked, charges=[failed(outcome_type="blocked")])

    assert ["needs_customer_action"] == [each.code for each in judged.findings]


def test_a_reloaded_payment_page_is_no_attempt(judge):
    """A fresh PaymentIntent that nobody has tried does not hide the one that waits for the customer."""
    fresh = sibling(status="requires_payment_method", created=NOW)
    asked = intent(status="requires_action", next_action_type="use_stripe_sdk")

    assert "needs_customer_action" == judge(intent=asked, siblings=[fresh]).ruling.code


def test_a_hold_that_lapsed_is_no_attempt_of_the_next_one(judge):
    """The hold is canceled and a new PaymentIntent waits: nobody has tried to pay by it yet."""
    lapsed = charge(captured=False, amount_captured=0)
    fresh = sibling(status="requires_payment_method", created=NOW)
    judged = judge(intent=intent(status="canceled"), siblings=[fresh], charges=[lapsed])

    assert "never_attempted" == judged.ruling.code


def test_more_was_taken_and_the_rest_given_back(judge):
    """150.00 taken and 30.00 given back on an invoice over 120.00, and both noted: what is due is there."""
    taken = charge(amount_captured=15000)
    rows = [payment(amount=15000), refunded_row(amount=3000)]
    judged = judge(**{**PAID, "charges": [taken], "refunds": [refund(amount=3000)], "payments": rows})

    assert "paid" == judged.ruling.code


def test_the_second_half_that_was_not_recorded(judge):
    """Two halves were taken and one is recorded: the other is paid_not_recorded, with its own event."""
    halves = [charge(amount_captured=6000), charge(**SECOND, amount_captured=6000)]
    events = [event(id="evt_2", data_object_id="pi_2"), event(id="evt_1", data_object_id="pi_1", pending_webhooks=0)]
    log = [{"event_id": "evt_1", "event_type": "payment_intent.succeeded", "status": "processed", "object_id": "pi_1"}]
    judged = judge(
        **{**PAID, "siblings": [sibling()], "charges": halves, "payments": [payment(amount=6000)]},
        events=events,
        webhooks=log,
    )

    assert ("paid_not_recorded", "webhook_not_delivered", "critical") == verdict(judged)
    assert "evt_2" in judged.findings[0].next[0]


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ({"disputes": [dispute(status="lost")]}, "dispute_lost"),
        ({"disputes": [dispute(status="warning_needs_response")]}, "dispute_inquiry"),
        ({"refunds": [refund(status="requires_action")]}, "refund_needs_customer"),
    ],
)
def test_words_follow_what_is_known_beyond_the_code(judge, said, name):
    """A lost dispute is not answered, an inquiry is none yet, a refund that needs the customer is not waited for."""
    words = playbook.words("payment")["instead"][name]
    judged = judge(**{**PAID, **said})

    assert (words["do"], words["customer"]) == (judged.ruling.do, judged.ruling.customer)


def test_a_step_that_is_no_3d_secure(judge):
    """A transfer or a micro-deposit is not told of as the bank's confirmation."""
    asked = intent(status="requires_action", next_action_type="verify_with_microdeposits")

    assert playbook.words("payment")["instead"]["customer_step"]["customer"] == judge(intent=asked).ruling.customer


def test_a_payment_too_many_is_not_to_be_recorded(judge):
    """Paid twice and recorded once: the second is to be given back, and its event is not sent again."""
    second = charge(**SECOND)
    events = [event(id="evt_2", data_object_id="pi_2")]
    judged = judge(**{**PAID, "siblings": [sibling()], "charges": [charge(), second]}, events=events)

    assert ["paid_twice"] == [each.code for each in judged.findings]
