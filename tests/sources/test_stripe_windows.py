"""Stripe's lists in parallel windows, on real sockets: all of it once, in order, at the pace that is allowed."""

import random
import time
from datetime import UTC, datetime, timedelta

import pytest

from peakops import sandbox
from peakops.errors import TimedOut
from peakops.sources.rate import Ceiling
from peakops.sources.stripe_calls import Calls
from peakops.sources.stripe_windows import Windows

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
SINCE = NOW - timedelta(days=10)


def charges(moments, prefix="ch"):
    return [{"id": f"{prefix}_{n}", "amount": 500, "created": int(each.timestamp())} for n, each in enumerate(moments)]


@pytest.fixture
def listed(load, state):
    """Load these objects, and list them: `listed({"charges": [...]}, rate=500)` are the batches."""

    def listed(stripe, *, rate=1000, seconds=30, faults=(), since=SINCE, until=NOW, **more):
        world = {"world": "lists", "says": "Lists.", "now": "2026-11-20T15:00:00Z", "stripe": stripe}
        here = load({**world, "faults": list(faults)})
        deadline = time.monotonic() + seconds
        calls = Calls(here.stripe_key, url=here.vendor_url("stripe"), deadline=deadline)
        return list(Windows(calls, rate=rate, deadline=deadline).stream(since, until, **more))

    return listed


def ids(batches, name="charges"):
    return [row["id"] for each in batches if each.name == name for row in each.rows]


def dense(chance):
    """Some that come evenly, a burst within one second, one within an hour, and days with nothing."""
    burst = NOW - timedelta(seconds=chance.randrange(86400, 800000))
    hour = NOW - timedelta(days=9, hours=chance.uniform(0, 10))
    return [
        *(NOW - timedelta(days=chance.uniform(0, 2)) for _ in range(400)),
        *(burst for _ in range(350)),
        *(hour + timedelta(seconds=chance.uniform(0, 3600)) for _ in range(500)),
    ]


def test_every_object_once_however_dense_the_list_is(listed):
    """Nothing is missing and nothing comes twice, whatever the seed puts where."""
    seed = random.SystemRandom().getrandbits(32)
    print(f"seed {seed}")
    given = charges(dense(random.Random(seed)))
    found = ids(listed({"charges": given}))

    assert sorted(each["id"] for each in given) == sorted(found)


def test_how_far_it_has_come_is_never_too_far(listed):
    """What was made at or after `down_to` has been handed over, of all lists; it only goes back in time."""
    chance = random.Random(5)
    intents = [{"id": f"pi_{n}", "created": int(each.timestamp())} for n, each in enumerate(dense(chance))]
    batches = listed({"charges": charges(dense(chance)), "payment_intents": intents})
    marks = [(number, each.down_to) for number, each in enumerate(batches) if each.down_to]
    late = [
        row["id"]
        for number, mark in marks
        for each in batches[number + 1 :]
        for row in each.rows
        if row["created"] >= mark
    ]

    assert [] == late
    assert [mark for _, mark in marks] == sorted((mark for _, mark in marks), reverse=True)
    assert SINCE == batches[-1].down_to


def test_a_sparse_list_costs_one_request(listed, state):
    """A window that one page holds is not cut, however wide it is."""
    listed({"charges": charges([NOW - timedelta(days=3)] * 40)}, kinds=("charges",))

    assert 1 == len(sandbox.requests(state / "peakops"))


def test_few_requests_bring_less_than_a_page(listed, state):
    """Of an even list of 30 pages at most a quarter more are asked for."""
    even = [SINCE + (NOW - SINCE) * n / 3000 for n in range(3000)]
    batches = listed({"charges": charges(even)}, kinds=("charges",))

    assert 3000 == len(ids(batches))
    assert 38 >= len(sandbox.requests(state / "peakops"))


def test_the_ends_of_the_window_are_of_it(listed):
    """Made at the first and at the last second: both are listed, their neighbours are not."""
    moments = [SINCE - timedelta(seconds=1), SINCE, NOW, NOW + timedelta(seconds=1)]

    assert {"ch_1", "ch_2"} == set(ids(listed({"charges": charges(moments)})))


def test_a_parent_that_is_older_comes_with_its_child(listed):
    """The PaymentIntent of a charge is handed over with it, if no list will bring it; and the charge names it."""
    old, young = int((SINCE - timedelta(days=5)).timestamp()), int((NOW - timedelta(days=1)).timestamp())
    intents = [{"id": "pi_old", "created": old}, {"id": "pi_new", "created": young}]
    given = [{"id": f"ch_{each['id']}", "payment_intent": each["id"], "created": young + 60} for each in intents]
    batches = listed({"payment_intents": intents, "charges": given})

    assert ["pi_new", "pi_old"] == sorted(ids(batches, "payment_intents"))
    assert {"pi_old", "pi_new"} == {row["payment_intent"] for b in batches if b.name == "charges" for row in b.rows}


def test_a_list_that_fails_ends_alone(listed):
    """The others go on to their end; the error says which permission is missing."""
    fault = {"vendor": "stripe", "route": "GET /v1/refunds", "status": 403, "error": "rak_refund_read"}
    batches = listed({"charges": charges([NOW - timedelta(days=1)])}, faults=[fault])
    (failed,) = [each for each in batches if each.error]

    assert ("refunds", "stripe.permission_denied") == (failed.name, failed.error.code)
    assert ["ch_0"] == ids(batches)
    assert SINCE == batches[-1].down_to


def test_refused_for_the_rate_it_waits_and_loses_nothing(listed):
    """Ten requests are refused: nobody asks before Stripe's Retry-After is over, and everything is listed then."""
    given = charges([SINCE + (NOW - SINCE) * n / 900 for n in range(900)])
    faults = [{"vendor": "stripe", "route": "GET /v1/charges", "status": 429, "retry_after": 1, "times": 10}]
    start = time.monotonic()
    found = ids(listed({"charges": given}, faults=faults))

    assert sorted(each["id"] for each in given) == sorted(found)
    assert time.monotonic() - start > 1


def test_it_ends_with_its_time(listed):
    """Lists that are not at their end at the deadline are given up, in time."""
    given = charges([SINCE + (NOW - SINCE) * n / 3000 for n in range(3000)])
    start = time.monotonic()
    with pytest.raises(TimedOut):
        listed({"charges": given}, rate=2, seconds=2)

    assert time.monotonic() - start < 4


def test_a_stripe_that_is_slow_ends_each_list_with_its_reason(listed):
    """No answer within the time: the lists end as silence that is said, not as lists that are empty."""
    faults = [{"vendor": "stripe", "route": "*", "delay_s": 5}]
    try:
        batches = listed({"charges": charges([NOW])}, seconds=1, faults=faults)
    except TimedOut:
        return

    assert 4 == len([each for each in batches if isinstance(each.error, TimedOut)])


def test_the_pace_is_kept(listed, state):
    """At 20 requests a second, 30 pages take a second and a half, and nearly all of that pace is used."""
    even = [SINCE + (NOW - SINCE) * n / 3000 for n in range(3000)]
    start = time.monotonic()
    listed({"charges": charges(even)}, rate=20, kinds=("charges",))
    asked = [datetime.fromisoformat(each["at"]) for each in sandbox.requests(state / "peakops")]
    pace = (len(asked) - 1) / (asked[-1] - asked[0]).total_seconds()

    assert 15 <= pace <= 23
    assert time.monotonic() - start > 1


def test_the_ceiling_is_lowered_by_a_refusal_and_recovers():
    """Half the rate after a refusal, once for a volley of them, and no request before the pause is over."""
    ceiling = Ceiling(100)
    ceiling.wait()
    start = time.monotonic()
    for _ in range(5):
        ceiling.lower(0.3)
    ceiling.wait()

    assert 50 == ceiling.rate
    assert 0.25 < time.monotonic() - start < 1
    ceiling._changed -= 10
    ceiling.wait()
    assert 75 == ceiling.rate
