"""`payment events`, judged on literal facts: the gaps of a time line, and what silence leaves unknown."""

from datetime import timedelta

import pytest

from peakops.investigate import diagnose
from peakops.model import Evidence, Fault
from peakops.scenario import Facts
from peakops.scenarios.payment.events import SCENARIO
from peakops.scenarios.payment.events_line import ASKED, asked_for, read_since, timeline
from peakops.verdict import rule

from .conftest import NOW, charge, event, failed, intent, invoice, payment, refund

LOOKS = {
    **dict.fromkeys(("invoice", "payments", "webhooks", "webhooks_of_charges"), "database"),
    **dict.fromkeys(("intent", "siblings", "charges", "refunds", "disputes"), "stripe"),
    **dict.fromkeys(("sibling_charges", "sibling_refunds", "sibling_disputes"), "stripe"),
    **dict.fromkeys(("events", "these_events", "endpoints"), "stripe"),
}
ENDPOINT = {"id": "we_1", "url": "https://portal", "status": "enabled", "enabled_events": ["*"]}
HOURS = 3600


def sent(**said):
    return {**event(pending_webhooks=0), "age_s": 2 * HOURS, **said}


def row(**said):
    made = NOW - timedelta(hours=2)
    base = {
        "event_id": "evt_1",
        "event_type": "payment_intent.succeeded",
        "status": "processed",
        "error": None,
        "object_id": "pi_1",
        "made_at": made,
        "created_at": made + timedelta(seconds=2),
        "processed_at": made + timedelta(seconds=3),
        "age_s": 2 * HOURS,
        "total": 1,
    }
    return {**base, **said}


GOOD = {"intent": intent(), "charges": [charge()], "events": [sent()], "webhooks": [row()], "these_events": [sent()]}
"""A payment that Stripe and the portal tell alike."""


def evidence(silent=(), **said):
    given = {**{name: [] for name in LOOKS}, "invoice": invoice(), "intent": None, "endpoints": [ENDPOINT], **said}
    return tuple(_look(name, given[name], name in silent) for name in LOOKS)


def _look(name, value, silent):
    fault = Fault(code="x.down", category="upstream", message=f"{name} is down.") if silent else None
    single = name in ("invoice", "intent")
    rows = () if silent or value is None else (value,) if single else tuple(value)
    return Evidence(name=name, source=LOOKS[name], at=NOW, rows=rows, single=single, error=fault)


def judge(silent=(), **said):
    looked = evidence(silent, **{**GOOD, **said})
    return rule(SCENARIO, diagnose(SCENARIO, looked), looked)


def verdict(judged):
    return judged.ruling.code, judged.ruling.cause, judged.status.value


def gaps(**said):
    return [(line["event"], line["gap"]) for line in timeline(Facts(evidence(**{**GOOD, **said})))]


def test_complete():
    """Both sides have the event, and it was processed at once."""
    assert ("complete", None, "ok") == verdict(judge())
    assert [("evt_1", None)] == gaps()


def test_money_that_the_portal_has_no_trace_of():
    """Captured, not delivered, not recorded: critical, and the command that sends it again."""
    said = {"events": [sent(pending_webhooks=1)], "webhooks": [], "these_events": []}
    judged = judge(**said)

    assert ("gap", "webhook_not_delivered", "critical") == verdict(judged)
    assert ("stripe events resend evt_1 --webhook-endpoint=we_1",) == judged.findings[0].next
    assert [("evt_1", "undelivered")] == gaps(**said)


def test_money_that_the_portal_failed_on():
    """Captured, received, failed: critical, with the error."""
    judged = judge(webhooks=[row(status="failed", error="lock timeout", processed_at=None)])

    assert ("gap", "webhook_not_processed", "critical") == verdict(judged)
    assert "lock timeout" in judged.ruling.says


def test_money_recorded_without_its_event():
    """A payments row has the charge although its event failed: the same gap, and a warning."""
    judged = judge(webhooks=[row(status="failed", error="x", processed_at=None)], payments=[payment()])

    assert ("gap", "webhook_not_processed", "warning") == verdict(judged)
    assert "payment.events.told.gap_recorded" == judged.findings[0].playbook
    assert () == judged.findings[0].next


def test_a_row_of_another_charge_records_nothing():
    """The payments row is of another payment: the gap stays critical."""
    other = payment(stripe_charge_id="ch_9", stripe_payment_intent_id="pi_9")

    assert "critical" == judge(events=[sent(pending_webhooks=1)], webhooks=[], payments=[other]).status.value


def test_money_that_stripe_has_forgotten():
    """Captured before Stripe's 30 days, and no trace: critical, it cannot be sent again, and it stands on the line."""
    old = {"charges": [charge(created=NOW - timedelta(days=40))], "events": [], "these_events": [], "webhooks": []}
    judged = judge(**old)

    assert ("gap", "webhook_unknown", "critical") == verdict(judged)
    assert "30 days" in judged.ruling.says
    (line,) = timeline(Facts(evidence(**{**GOOD, **old})))
    assert (None, "no_event", "forgotten", "ch_1") == (line["event"], line["gap"], line["stripe"], line["object"])


def test_money_without_any_event():
    """Neither side has an event, since no endpoint takes one: the sides are not said to tell the same."""
    old = {"charges": [charge(created=NOW - timedelta(days=40))], "events": [], "these_events": [], "webhooks": []}
    looked = evidence(**{**GOOD, **old}, endpoints=[])

    assert ("found", "skipped") == tuple(
        each.verdict.value for each in diagnose(SCENARIO, looked) if each.name in ("told", "whole")
    )


def test_money_of_a_moment_ago_is_no_gap():
    """A charge of seconds ago may still be told of."""
    now = NOW - timedelta(seconds=20)
    young = sent(created=now, age_s=20, pending_webhooks=1)
    said = {"charges": [charge(created=now)], "events": [young], "webhooks": [], "these_events": []}

    assert ("complete", None, "ok") == verdict(judge(**said))
    assert [("evt_1", None)] == gaps(**said)


def test_money_that_went_back_is_no_gap():
    """What was refunded in full is held no more; its missing event is a warning."""
    back = {"charges": [charge(amount_refunded=12000)], "refunds": [refund()]}

    assert ("missing", None, "warning") == verdict(judge(**back, events=[sent(pending_webhooks=1)], webhooks=[]))


@pytest.mark.parametrize(
    ("log", "pending", "gap"),
    [
        ([], 1, "undelivered"),
        ([], 0, "not_received"),
        ([row(event_id="evt_2", status="failed", error="x", object_id="ch_1")], 0, "failed"),
        ([row(event_id="evt_2", status="received", processed_at=None, object_id="ch_1")], 0, "unprocessed"),
    ],
)
def test_another_event_that_is_missing(log, pending, gap):
    """The money is told of; a second event is not there, failed, or waits: a warning."""
    second = sent(id="evt_2", type="charge.succeeded", data_object_id="ch_1", pending_webhooks=pending)
    said = {"events": [sent(), second], "webhooks": [row(), *log]}

    assert ("missing", None, "warning") == verdict(judge(**said))
    assert gap == dict(gaps(**said))["evt_2"]


def test_an_event_that_no_endpoint_takes_is_not_missed():
    """The endpoint does not take charge.succeeded, so that the portal is not to have it."""
    second = sent(id="evt_2", type="charge.succeeded", data_object_id="ch_1")
    takes = {**ENDPOINT, "enabled_events": ["payment_intent.succeeded"]}

    assert "complete" == judge(events=[sent(), second], endpoints=[takes]).ruling.code


def test_an_event_of_a_disabled_endpoint_is_missed():
    """That the endpoint is disabled explains the gap, and does not close it."""
    second = sent(id="evt_2", type="charge.succeeded", data_object_id="ch_1")
    endpoints = [{**ENDPOINT, "status": "disabled"}]

    assert "missing" == judge(events=[sent(), second], endpoints=endpoints).ruling.code


def test_a_declined_attempt_without_a_trace():
    """A declined charge is to be told of as well: neither side has an event of it."""
    judged = judge(
        charges=[failed(created=NOW - timedelta(days=40))],
        intent=intent(status="requires_payment_method"),
        events=[],
        these_events=[],
        webhooks=[],
    )

    assert ("missing", None, "warning") == verdict(judged)
    assert "charge.failed ch_1" in judged.ruling.says


def test_not_at_stripe():
    """Stripe was asked for the portal's event by its id, and does not have it."""
    alien = row(event_id="evt_9")

    assert ("not_at_stripe", None, "warning") == verdict(judge(webhooks=[row(), alien]))
    assert ("evt_9", "not_at_stripe") in gaps(webhooks=[row(), alien])


def test_what_stripe_forgot_is_not_denied():
    """An event older than 30 days is not at Stripe, and nothing is wrong."""
    old = row(event_id="evt_9", age_s=31 * 86400, created_at=NOW - timedelta(days=31), made_at=None)
    old |= {"processed_at": old["created_at"]}

    assert "complete" == judge(webhooks=[row(), old]).ruling.code
    assert "forgotten" == {line["event"]: line["stripe"] for line in line_of(webhooks=[row(), old])}["evt_9"]


def line_of(**said):
    return timeline(Facts(evidence(**{**GOOD, **said})))


def test_the_other_mode_explains_it():
    """The PaymentIntent is of the other mode: that is said where Stripe has no such event."""
    gone = intent(status=None, mode="live")
    judged = judge(intent=gone, charges=[], events=[], these_events=[])

    assert "not_at_stripe" == judged.ruling.code
    assert "live mode" in judged.ruling.says


@pytest.mark.parametrize(("received", "worked"), [(700, 1), (2, 700)])
def test_late(received, worked):
    """Received, or processed, more than ten minutes after it was due."""
    made = NOW - timedelta(hours=2)
    came = made + timedelta(seconds=received)
    slow = row(created_at=came, processed_at=came + timedelta(seconds=worked))
    judged = judge(webhooks=[slow])

    assert ("late", None, "warning") == verdict(judged)
    assert f"received after {received} s, processed after {worked} s" in judged.ruling.says


def test_no_events():
    """Nobody has tried to pay."""
    judged = judge(charges=[], intent=None, events=[], these_events=[], webhooks=[])

    assert ("no_events", None, "ok") == verdict(judged)


@pytest.mark.parametrize("silent", ["webhooks", "intent", "charges", "events"])
def test_silence_is_unknown(silent):
    """Without what the verdict needs, nothing is said for sure."""
    assert "unknown" == judge(silent=(silent,)).ruling.code


@pytest.mark.parametrize("silent", ["payments", "webhooks_of_charges", "siblings", "sibling_charges", "these_events"])
def test_silence_is_never_complete(silent):
    """Each of the further looks may hold a gap: without it there is no ok verdict."""
    assert "unknown" == judge(silent=(silent,)).ruling.code


def test_a_silent_log_makes_no_gap():
    """What the portal has is not known, so nothing is missing in it."""
    lines = timeline(Facts(evidence(("webhooks",), **GOOD)))

    assert [(None, None)] == [(line["portal"], line["gap"]) for line in lines]


def test_unknown_endpoints_make_no_gap_of_an_acknowledged_event():
    """Whether it was to come is known by the endpoints alone; what waits somewhere was to come."""
    second = sent(id="evt_2", type="charge.succeeded", data_object_id="ch_1")
    facts = Facts(evidence(("endpoints",), **{**GOOD, "events": [sent(), second]}))
    waits = Facts(evidence(("endpoints",), **{**GOOD, "events": [sent(), {**second, "pending_webhooks": 1}]}))

    assert {"evt_1": None, "evt_2": None} == {line["event"]: line["gap"] for line in timeline(facts)}
    assert {"evt_1": None, "evt_2": "undelivered"} == {line["event"]: line["gap"] for line in timeline(waits)}


def test_a_log_that_was_cut_makes_no_gap_before_it_begins():
    """What is older than the part that was read is not missing; what is younger is."""
    begins = NOW - timedelta(minutes=50)
    newest = row(event_id="evt_8", event_type="charge.updated", created_at=begins, made_at=begins, total=5000)
    old, young = sent(id="evt_2"), sent(id="evt_3", created=NOW - timedelta(minutes=40), age_s=2400)
    said = {"webhooks": [row(total=5000), newest], "events": [sent(), old, young], "these_events": []}

    assert begins == read_since(Facts(evidence(**{**GOOD, **said})))
    assert {"evt_1", "evt_3", "evt_8"} == {line["event"] for line in line_of(**said)}
    assert "not_received" == {line["event"]: line["gap"] for line in line_of(**said)}["evt_3"]


def test_a_log_too_long_to_show_the_money_is_unknown():
    """Not even the processed events that tell of money were all read, and none is of this charge: unknown."""
    others = row(event_id="evt_8", object_id="pi_9", total=5000)

    there = [sent(id="evt_8", data_object_id="pi_9")]

    assert "unknown" == judge(webhooks=[others], these_events=there, events=[]).ruling.code


def test_the_line_is_in_order():
    """Oldest first, by when Stripe made the event, whatever order it was received in."""
    first = row(event_id="evt_0", made_at=NOW - timedelta(hours=3), created_at=NOW)

    assert ["evt_0", "evt_1"] == [line["event"] for line in line_of(webhooks=[row(), first], these_events=[])]


def test_asked_for_the_newest_that_stripe_keeps():
    """A few of the newest, and none that is too old, or no event of Stripe's."""
    rows = [row(event_id=f"evt_{number}") for number in range(ASKED + 3)]
    old, other = row(event_id="evt_old", age_s=30 * 86400), row(event_id="x_1")

    assert [f"evt_{number}" for number in range(ASKED)] == asked_for([old, other, *rows])
