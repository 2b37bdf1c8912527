"""Stripe's events over real HTTP: which stretches of time are listed, whose events are kept, and what is said of it."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from peakops import sandbox
from peakops.sources.stripe import Stripe
from peakops.sources.stripe_events import EVENT_MARGIN, STRETCHES, Events

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
INTENT, CHARGE = "pi_3Qu1oKpRr0QbfBafxRSMNe", "ch_3QPuDDVe7r7I2G9kAlBvD8"
"""Of the world `paid`, whose two events are of 26 hours ago."""


@pytest.fixture
def stripe(load):
    """A client of the world `paid`, with other events where they are given."""

    def client(events=None):
        world = sandbox.named("payment/paid")
        part = world["stripe"] if events is None else {**world["stripe"], "events": events}
        box = load(world, stripe=part)
        return Stripe(box.stripe_key, url=box.vendor_url("stripe"), now=NOW, deadline=time.monotonic() + 20)

    return client


def event(number, *, age=timedelta(hours=1), **said):
    about = {"object": {"id": CHARGE, "object": "charge", "payment_intent": INTENT}}
    made = int((NOW - age).timestamp()) + number
    base = {"id": f"evt_{number:04}", "type": "charge.succeeded", "created": made, "data": about}
    return {**base, "pending_webhooks": 0, "livemode": False, **said}


def ids(brought):
    return [row["id"] for row in brought.rows]


def test_a_list_is_read_page_after_page(stripe):
    """A hundred objects come at once; those behind them are asked for too, newest first."""
    client = stripe([event(number) for number in range(250)])
    brought = client.events_within(since=NOW - timedelta(hours=2), until=NOW)

    assert [f"evt_{number:04}" for number in reversed(range(250))] == ids(brought)
    assert () == brought.notes


def test_a_window_has_both_its_ends(stripe):
    """An event of its first second and one of its last are in it; those beside them are not."""
    made = [NOW - timedelta(hours=2, seconds=1), NOW - timedelta(hours=2), NOW - timedelta(hours=1), NOW]
    client = stripe([event(n, created=int(at.timestamp())) for n, at in enumerate(made)])

    assert ["evt_0002", "evt_0001"] == ids(client.events_within(since=made[1], until=made[2]))


def test_a_window_says_what_stripe_forgot(stripe):
    """It begins before the 30 days that Stripe keeps."""
    brought = stripe().events_within(since=NOW - timedelta(days=31), until=NOW)

    assert ("Stripe keeps events for 30 days: before 2026-10-21 15:00 UTC it has none.",) == brought.notes
    assert [26 * 3600] * 2 == [row["age_s"] for row in brought.rows]


def test_history_is_of_the_objects_asked_for(stripe):
    """An event counts when it is about one of them, or about what hangs on one."""
    refund = {"object": {"id": "re_1", "object": "refund", "charge": CHARGE}}
    other = {"object": {"id": "ch_2", "object": "charge", "payment_intent": "pi_2"}}
    made = [event(1), event(2, type="refund.created", data=refund), event(3, data=other)]
    client = stripe(made)
    moments = [NOW - timedelta(hours=1)]

    assert ["evt_0002", "evt_0001"] == ids(client.history(objects=(INTENT, CHARGE), moments=moments))
    assert ["evt_0002", "evt_0001"] == ids(client.history(objects=(CHARGE,), moments=moments))
    assert ["evt_0002"] == ids(client.history(objects=("re_1",), moments=moments))
    assert [] == ids(client.history(objects=(), moments=moments))


def test_history_finds_what_came_long_after(stripe):
    """A refund's news of days later is found by the list since the first moment, and what waits without any."""
    late = event(1, age=timedelta(days=2))
    first = [NOW - timedelta(days=20)]

    assert ["evt_0001"] == ids(stripe([late]).history(objects=(INTENT,), moments=first))
    assert [] == ids(stripe([late]).history(objects=(INTENT,), moments=()))
    assert ["evt_0001"] == ids(stripe([{**late, "pending_webhooks": 1}]).history(objects=(INTENT,), moments=()))


def test_these_are_asked_for_by_their_ids(stripe):
    """What Stripe has of them; what it does not have is left out."""
    assert ["evt_0001"] == ids(stripe([event(1)]).these_events(ids=("evt_nowhere", "evt_0001")))


def stretches(*ages):
    return Events(None, NOW)._stretches([NOW - age for age in ages])


def test_what_overlaps_is_one_stretch():
    """Moments near one another are listed once; those apart, each for itself, oldest first."""
    hour, near = timedelta(hours=1), timedelta(hours=1) - EVENT_MARGIN
    first, last = NOW - 5 * hour, NOW - hour

    assert [(last - EVENT_MARGIN, NOW - near + EVENT_MARGIN)] == stretches(hour, near, hour)
    assert [(at - EVENT_MARGIN, at + EVENT_MARGIN) for at in (first, last)] == stretches(hour, 5 * hour)


def test_no_stretch_begins_before_stripes_memory():
    """What is older than 30 days is not listed."""
    assert [] == stretches(timedelta(days=31))
    assert [NOW - timedelta(days=30)] == [start for start, _ in stretches(timedelta(days=30))]


def test_too_many_stretches_are_said(stripe):
    """Only the last ones are listed for themselves, and a note says so."""
    moments = [NOW - timedelta(hours=number) for number in range(STRETCHES + 5)]
    brought = stripe([event(1)]).history(objects=(INTENT,), moments=moments)

    assert (f"Of {STRETCHES + 5} moments only the last {STRETCHES} were asked about.",) == brought.notes
    assert ["evt_0001"] == ids(brought)
