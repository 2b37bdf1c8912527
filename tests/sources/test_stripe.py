"""The Stripe client over real HTTP with the real SDK: retries, back-off, time limits, what is kept."""

import time
from datetime import UTC, datetime

import pytest

from peakops import sandbox
from peakops.errors import Denied, NotConfigured, RateLimited, TimedOut, Unauthenticated, Unreachable
from peakops.sources.stripe import Stripe

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)


@pytest.fixture
def stripe(state, load):
    """A client of a world, with its faults and a time limit."""

    def client(world="paid", *, seconds=10.0, faults=(), **more):
        box = load(world, faults=list(faults))
        return Stripe(
            box.stripe_key, url=box.vendor_url("stripe"), now=NOW, deadline=time.monotonic() + seconds, **more
        )

    return client


@pytest.fixture
def asked(state):
    """The requests that the sandbox has seen: path and status."""
    return lambda: [(each["path"], each["status"]) for each in sandbox.requests(state / "peakops")]


def intent_of(load):
    return sandbox.named("paid")["stripe"]["payment_intents"][0]["id"]


def fault(**more):
    return {"vendor": "stripe", "route": "GET /v1/charges", **more}


def test_rows_are_flat_and_chosen(stripe):
    """A row has the fields of the table and nothing else, times in UTC."""
    from peakops.sources.stripe_fields import CHARGE_FIELDS

    (row,) = stripe().charges(intents=(intent_of(None),)).rows

    assert {each.replace(".", "_") for each in CHARGE_FIELDS} == set(row)
    assert UTC == row["created"].tzinfo


def test_request_ids_are_kept(stripe):
    """What Stripe's support asks for is in the answer."""
    assert all(each.startswith("req_") for each in stripe().charges(intents=(intent_of(None),)).request_ids)


@pytest.mark.parametrize("status", [500, 503, 409])
def test_server_errors_are_retried_twice(status, stripe, asked):
    """Two failures are waited out: StripeClient itself would not have retried."""
    rows = stripe(faults=[fault(status=status, times=2)]).charges(intents=("pi_x",)).rows

    assert () == rows
    assert [status, status, 200] == [each for _, each in asked()]


def test_retry_after_is_honoured(stripe, asked):
    """A 429 is asked again after the seconds that Stripe names, which the SDK would not do."""
    client = stripe(faults=[fault(status=429, retry_after=1.5, times=1)])
    start = time.monotonic()
    client.charges(intents=("pi_x",))

    assert 1.5 <= time.monotonic() - start < 3
    assert [429, 200] == [each for _, each in asked()]


def test_a_wait_beyond_the_deadline_is_not_begun(stripe, asked):
    """Retry-After of a minute with two seconds left: the error comes at once, with the minute in it."""
    client = stripe(seconds=2, faults=[fault(status=429, retry_after=60)])
    start = time.monotonic()
    with pytest.raises(RateLimited) as refused:
        client.charges(intents=("pi_x",))

    assert time.monotonic() - start < 1
    assert 60 == refused.value.retry_after_s
    assert 1 == len(asked())


def test_429_without_retry_after_backs_off(stripe, asked):
    """Without Retry-After the pauses grow, and it gives up after four requests."""
    client = stripe(seconds=30, faults=[fault(status=429)])
    start = time.monotonic()
    with pytest.raises(RateLimited):
        client.charges(intents=("pi_x",))

    assert 3.5 <= time.monotonic() - start < 7
    assert [429] * 4 == [each for _, each in asked()]


@pytest.mark.parametrize(
    ("how", "error", "code"),
    [
        ({"status": 401}, Unauthenticated, "stripe.invalid_key"),
        ({"status": 403, "error": "rak_charge_read"}, Denied, "stripe.permission_denied"),
        ({"status": 503}, Unreachable, "stripe.failed"),
        ({"body": "<html>"}, Unreachable, "stripe.unreadable"),
        ({"reset": True}, Unreachable, "stripe.unreachable"),
        ({"delay_s": 30}, TimedOut, "stripe.timeout"),
    ],
)
def test_errors_are_told_apart(how, error, code, stripe):
    """Each way to fail has its error, its code and a hint, within the deadline."""
    client = stripe(seconds=4, faults=[fault(**how)])
    start = time.monotonic()
    with pytest.raises(error) as refused:
        client.charges(intents=("pi_x",))

    assert code == refused.value.code
    assert "stripe" == refused.value.source
    assert refused.value.hint
    assert time.monotonic() - start < 4


def test_a_client_without_a_key_says_which_setting(stripe):
    """No key: not configured, with the variable's name."""
    with pytest.raises(NotConfigured, match="not configured") as refused:
        Stripe(None, url="http://127.0.0.1:1", now=NOW, deadline=time.monotonic() + 1)

    assert "PEAKOPS_STRIPE_API_KEY" in refused.value.hint


def test_nothing_is_written_into_the_home(peakops, load, state):
    """The SDK's telemetry is off before the first request: it leaves no id in the operator's home."""
    load("paid")
    peakops("--sandbox", "payment", "check", "INV-123")

    assert [] == list(state.rglob("telemetry_id"))


def test_the_other_mode_is_named(stripe):
    """A live PaymentIntent asked with a test key is a row that says so."""
    client = stripe("wrong_mode")
    id = sandbox.named("wrong_mode")["stripe"]["payment_intents"][0]["id"]
    (row,) = client.intent(id=id, customer=None, number=None, since=None).rows

    assert (None, "live") == (row["status"], row["mode"])


def test_alternatives_are_asked_at_once(stripe):
    """Four PaymentIntents' charges cost one delay, not four."""
    client = stripe(faults=[fault(delay_s=0.5)])
    start = time.monotonic()
    client.charges(intents=("pi_1", "pi_2", "pi_3", "pi_4"))

    assert time.monotonic() - start < 1.2


def test_a_quote_in_a_number_does_not_end_the_search(stripe, asked):
    """A number with a quote is one value of the search, not a second clause."""
    client = stripe()
    brought = client.intent(id=None, customer=None, number="x' OR metadata['invoice_number']:'INV-123", since=None)

    assert () == brought.rows
    assert [200] == [status for _, status in asked()]


def test_search_says_that_it_lags(stripe):
    """What was found, or not, by search carries a note."""
    assert "lag" in stripe().intent(id=None, customer=None, number="INV-9", since=None).notes[0]
