"""Stripe as the sandbox plays it, over real sockets and through the real stripe SDK."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import stripe as sdk

from peakops.errors import BadInput
from peakops.sandbox.vendors import stripe as vendor
from peakops.sandbox.wire import Answer, Request

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
HOUR = 3600
WORLD: dict[str, Any] = {
    "customers": [
        {"id": "cus_1", "email": "Billing@smile.example", "name": "Smile Care", "created": "-40d"},
        {"id": "cus_gone", "deleted": True},
    ],
    "payment_intents": [
        {"id": "pi_paid", "customer": "cus_1", "created": "-3h", "metadata": {"invoice_number": "INV-1"}},
        {"id": "pi_held", "customer": "cus_1", "created": "-2h", "status": "requires_capture"},
        {
            "id": "pi_new",
            "amount": 900,
            "customer": "cus_1",
            "created": "-30s",
            "metadata": {"invoice_number": "INV-3"},
        },
        {"id": "pi_live", "amount": 100, "livemode": True, "created": "-1h", "customer": "cus_1"},
        {"id": "pi_declined", "created": "-1d", "metadata": {"invoice_number": "INV-2"}},
    ],
    "charges": [
        {"id": "ch_paid", "amount": 12000, "payment_intent": "pi_paid", "customer": "cus_1", "created": "-3h"},
        {"id": "ch_held", "amount": 5000, "payment_intent": "pi_held", "created": "-2h"},
        {
            "id": "ch_declined",
            "amount": 700,
            "payment_intent": "pi_declined",
            "created": "-1d",
            "failure_code": "card_declined",
            "outcome": {"reason": "insufficient_funds", "advice_code": "try_again_later"},
        },
        {
            "id": "ch_blocked",
            "amount": 800,
            "created": "-2d",
            "outcome": {"type": "blocked", "rule": {"id": "rule_1", "predicate": ":risk_level: = 'highest'"}},
        },
        {"id": "ch_disputed", "amount": 600, "created": "-3d"},
    ],
    "disputes": [{"id": "dp_1", "charge": "ch_disputed", "evidence_details": {"due_by": "+3d"}}],
    "events": [
        {
            "id": "evt_lost",
            "type": "payment_intent.succeeded",
            "created": "-3h",
            "pending_webhooks": 1,
            "data": {"object": {"id": "pi_paid"}},
        },
        {"id": "evt_done", "type": "charge.succeeded", "created": "-3h", "data": {"object": {"id": "ch_paid"}}},
        {"id": "evt_old", "type": "charge.succeeded", "created": "-31d", "data": {"object": {"id": "ch_paid"}}},
    ],
    "webhook_endpoints": [{"id": "we_1"}, {"id": "we_off", "status": "disabled"}],
    "early_fraud_warnings": [{"id": "issfr_1", "payment_intent": "pi_paid", "created": "-1h"}],
    "reviews": [{"id": "prv_1", "payment_intent": "pi_paid", "created": "-1h"}],
    "checkout_sessions": [{"id": "cs_1", "payment_intent": "pi_paid", "created": "-4h"}],
}


class Sandbox:
    """The vendor behind a socket: its state, its clock, and how to speak to it."""

    def __init__(self, part: dict[str, Any]) -> None:
        self.now = NOW
        self.state = vendor.complete(deepcopy(part), NOW)
        self.answers: list[Answer] = []
        self.fault: Answer | None = None
        self.port = 0

    def client(self, key: str = "rk_test_x") -> sdk.StripeClient:
        sdk.enable_telemetry = False
        return sdk.StripeClient(
            key,
            base_addresses={"api": f"http://127.0.0.1:{self.port}/stripe"},
            http_client=sdk.RequestsClient(timeout=(1, 3)),
            max_network_retries=0,
        )

    def raw(self, method: str, path: str, headers: dict[str, str] | None = None) -> tuple[int, Any, dict[str, str]]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=3)
        connection.request(method, f"/stripe{path}", headers=headers or {"Authorization": "Bearer rk_test_x"})
        answer = connection.getresponse()
        body = json.loads(answer.read())
        connection.close()
        return answer.status, body, dict(answer.headers)


@contextmanager
def served(part: dict[str, Any]) -> Iterator[Sandbox]:
    sandbox = Sandbox(part)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            request = Request(
                method=self.command,
                path=parts.path.removeprefix("/stripe"),
                query=tuple(parse_qsl(parts.query, keep_blank_values=True)),
                headers={name.lower(): value for name, value in self.headers.items()},
                body=self.rfile.read(int(self.headers.get("Content-Length", "0"))),
                now=sandbox.now,
            )
            answer = sandbox.fault or vendor.handle(sandbox.state, request)
            sandbox.answers.append(answer)
            data = json.dumps(answer.body).encode()
            self.send_response(answer.status)
            for name, value in {**answer.headers, "Content-Length": str(len(data))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        do_POST = do_GET

        def log_message(self, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sandbox.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield sandbox
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with served(WORLD) as running:
        yield running


def ids(page: Any) -> list[str]:
    return [found.id for found in page.data]


def refused(ask: Callable[[], Any]) -> sdk.StripeError:
    with pytest.raises(sdk.StripeError) as caught:
        ask()
    return caught.value


def test_a_partial_payment_follows_its_charge(sandbox: Sandbox) -> None:
    """Status, amounts and the latest charge of a PaymentIntent come from its charge when the world leaves them out."""
    intent = sandbox.client().v1.payment_intents.retrieve("pi_paid")
    assert ("succeeded", 12000, 12000, "ch_paid") == (
        intent.status,
        intent.amount,
        intent.amount_received,
        intent.latest_charge,
    )
    assert int((NOW - timedelta(hours=3)).timestamp()) == intent.created


def test_money_that_is_held_says_until_when(sandbox: Sandbox) -> None:
    """A charge of a PaymentIntent that requires capture is not captured, and says when the hold ends."""
    held = sandbox.client().v1.charges.retrieve("ch_held")
    assert (False, 0) == (held.captured, held.amount_captured)
    assert held.created + 7 * 24 * HOUR == held.payment_method_details.card.capture_before


def test_a_failed_charge_says_who_refused_it(sandbox: Sandbox) -> None:
    """A decline is the bank's, a block is Stripe's; what the world says of the outcome stays."""
    charges = sandbox.client().v1.charges
    declined, blocked = charges.retrieve("ch_declined"), charges.retrieve("ch_blocked")
    assert ("failed", "issuer_declined", "declined_by_network", "insufficient_funds", "try_again_later") == (
        declined.status,
        declined.outcome.type,
        declined.outcome.network_status,
        declined.outcome.reason,
        declined.outcome.advice_code,
    )
    assert ("failed", "not_sent_to_network", "rule_1") == (
        blocked.status,
        blocked.outcome.network_status,
        blocked.outcome.rule,
    )


def test_a_given_field_is_never_changed() -> None:
    """Fields that a world gives, null included, come through completion as they are."""
    given = {"id": "ch_1", "amount": 5, "paid": False, "outcome": None, "balance_transaction": "txn_x", "created": 7}
    completed = vendor.complete({"charges": [given]}, NOW)["charges"][0]
    assert given == {name: completed[name] for name in given}


@pytest.mark.parametrize(
    ("part", "place"),
    [
        ({"payment_intents": [{"amuont": 1}]}, "stripe.payment_intents[0].amuont: Stripe's PaymentIntent has no such"),
        ({"charges": [{"id": "a"}, {"id": "a"}]}, "stripe.charges[1].id: a occurs twice"),
        ({"chargess": []}, "stripe.chargess: no such resource; did you mean charges?"),
        ({"disputes": [{"id": "dp_1"}]}, "stripe.disputes[0].charge"),
        ({"disputes": [{"evidence_details": {"due_by": "soon"}}]}, "stripe.disputes[0].evidence_details.due_by"),
        ({"charges": {"id": "ch_1"}}, "stripe.charges: must be a list"),
        ({"key": "prod"}, "stripe.key"),
        (
            {"events": [{"type": "charge.failed", "data": {"object": {"amuont": 1}}}]},
            "stripe.events[0].data.object.amuont",
        ),
    ],
)
def test_a_world_that_stripe_could_not_hold_is_refused_by_its_place(part: dict[str, Any], place: str) -> None:
    """What Stripe has no name for is refused, and the sentence names where it stands."""
    with pytest.raises(BadInput) as caught:
        vendor.complete(part, NOW)
    assert caught.value.says.startswith(place)


def test_a_dump_can_be_loaded_again(sandbox: Sandbox) -> None:
    """A completed state is JSON, and completing it again changes nothing."""
    assert sandbox.state == vendor.complete(json.loads(json.dumps(sandbox.state)), NOW + timedelta(days=1))


def test_lists_are_newest_first_and_paged_both_ways(sandbox: Sandbox) -> None:
    """Pages follow each other with starting_after, precede each other with ending_before, and hide the other mode."""
    intents = sandbox.client().v1.payment_intents
    first = intents.list({"limit": 2})
    assert (["pi_new", "pi_held"], True, "/v1/payment_intents") == (ids(first), first.has_more, first.url)
    second = intents.list({"limit": 2, "starting_after": "pi_held"})
    assert (["pi_paid", "pi_declined"], False) == (ids(second), second.has_more)
    before = intents.list({"limit": 2, "ending_before": "pi_declined"})
    assert (["pi_held", "pi_paid"], True) == (ids(before), before.has_more)
    assert 4 == len(list(intents.list({"limit": 1}).auto_paging_iter()))


def test_objects_of_the_same_second_come_last_added_first() -> None:
    """Stripe lists what was added later first, also within one second."""
    with served({"charges": [{"id": f"ch_{number}", "created": 100} for number in range(3)]}) as sandbox:
        assert ["ch_2", "ch_1", "ch_0"] == ids(sandbox.client().v1.charges.list())


def test_lists_filter_by_what_the_endpoint_knows(sandbox: Sandbox) -> None:
    """Customer, PaymentIntent, charge, e-mail (letter case counts) and created narrow a list."""
    v1 = sandbox.client().v1
    now = int(NOW.timestamp())
    assert ["pi_new", "pi_held", "pi_paid"] == ids(v1.payment_intents.list({"customer": "cus_1"}))
    assert ["ch_held"] == ids(v1.charges.list({"payment_intent": "pi_held"}))
    assert ["dp_1"] == ids(v1.disputes.list({"charge": "ch_disputed"}))
    assert ["issfr_1"] == ids(v1.radar.early_fraud_warnings.list({"payment_intent": "pi_paid"}))
    assert ["cs_1"] == ids(v1.checkout.sessions.list({"payment_intent": "pi_paid", "status": "complete"}))
    assert ["prv_1"] == ids(v1.reviews.list())
    assert ["cus_1"] == ids(v1.customers.list({"email": "Billing@smile.example"}))
    assert [] == ids(v1.customers.list({"email": "billing@smile.example"}))
    bounds = {"gte": now - 3 * HOUR, "lt": now - 2 * HOUR}
    assert ["pi_paid"] == ids(v1.payment_intents.list({"created": bounds}))
    assert ["pi_held"] == ids(v1.payment_intents.list({"created": {"gt": now - 3 * HOUR, "lte": now - 2 * HOUR}}))


@pytest.mark.parametrize(
    ("asked", "code", "param"),
    [
        ({"limit": 101}, "parameter_invalid_integer", "limit"),
        ({"limit": 0}, "parameter_invalid_integer", "limit"),
        ({"metadata": {"invoice_number": "INV-1"}}, "parameter_unknown", "metadata[invoice_number]"),
        ({"created": {"after": 1}}, "parameter_unknown", "created[after]"),
        ({"created": {"gte": "yesterday"}}, "parameter_invalid_integer", "created[gte]"),
        ({"starting_after": "pi_none"}, "resource_missing", "starting_after"),
        ({"expand": ["data.metadata"]}, None, "expand"),
        ({"expand": ["latest_charge"]}, None, "expand"),
        ({"expand": ["data.latest_charge.payment_intent.customer.default_source"]}, None, "expand"),
    ],
)
def test_a_list_refuses_what_stripe_refuses(sandbox: Sandbox, asked: Any, code: str | None, param: str) -> None:
    """A parameter that is unknown or out of bounds is a 400 which names it."""
    wrong = refused(lambda: sandbox.client().v1.payment_intents.list(asked))
    assert (sdk.InvalidRequestError, 400, code, param) == (type(wrong), wrong.http_status, wrong.code, wrong.param)


def test_expansion_puts_the_object_in_the_place_of_its_id(sandbox: Sandbox) -> None:
    """Ids become objects, at depth and in lists; without it they stay ids, and a charge has no refunds."""
    v1 = sandbox.client().v1
    deep = v1.payment_intents.retrieve("pi_paid", {"expand": ["latest_charge.refunds", "customer"]})
    assert ("ch_paid", [], "Smile Care") == (deep.latest_charge.id, deep.latest_charge.refunds.data, deep.customer.name)
    listed = v1.charges.list({"payment_intent": "pi_paid", "expand": ["data.payment_intent.customer"]})
    assert "Smile Care" == listed.data[0].payment_intent.customer.name
    assert (
        ":risk_level: = 'highest'"
        == v1.charges.retrieve("ch_blocked", {"expand": ["outcome.rule"]}).outcome.rule.predicate
    )
    plain = v1.charges.retrieve("ch_paid").to_dict()
    assert ("pi_paid", False) == (plain["payment_intent"], "refunds" in plain)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("metadata['invoice_number']:'INV-1'", ["pi_paid"]),
        ('metadata["invoice_number"]:"inv-1"', ["pi_paid"]),
        ("metadata['invoice_number']:'INV-9'", []),
        ("customer:'cus_1' AND status:'succeeded'", ["pi_paid"]),
        ("amount>4999 amount<12000", ["pi_held"]),
        ("status:'succeeded' OR status:'requires_capture'", ["pi_held", "pi_paid"]),
        ("-metadata['invoice_number']:null", ["pi_paid", "pi_declined"]),
        ("metadata['invoice_number']:'INV-3'", []),
    ],
)
def test_search_reads_stripes_query_language(sandbox: Sandbox, query: str, found: list[str]) -> None:
    """Clauses compare fields and metadata; what is younger than a minute is not found yet."""
    assert found == ids(sandbox.client().v1.payment_intents.search({"query": query}))


def test_search_learns_of_an_object_after_a_minute(sandbox: Sandbox) -> None:
    """An object that the list shows at once is in the search once it is a minute old."""
    sandbox.now = NOW + timedelta(seconds=30)
    assert ["pi_new"] == ids(
        sandbox.client().v1.payment_intents.search({"query": "metadata['invoice_number']:'INV-3'"})
    )


def test_search_is_paged(sandbox: Sandbox) -> None:
    """Pages of a search follow each other by next_page, and the last has none."""
    search = sandbox.client().v1.payment_intents.search
    first = search({"query": "customer:'cus_1'", "limit": 1, "expand": ["total_count"]})
    assert (["pi_held"], True, 2) == (ids(first), first.has_more, first.total_count)
    last = search({"query": "customer:'cus_1'", "limit": 1, "page": first.next_page})
    assert (["pi_paid"], False, None) == (ids(last), last.has_more, last.next_page)


@pytest.mark.parametrize("query", ["", "invoice:'x'", "status", "status:'a' AND amount>1 OR amount<9", "status>'a'"])
def test_search_refuses_a_query_that_it_cannot_read(sandbox: Sandbox, query: str) -> None:
    """A field that is not searchable, or a sentence that is none, is a 400 on `query`."""
    wrong = refused(lambda: sandbox.client().v1.payment_intents.search({"query": query}))
    assert (400, "query") == (wrong.http_status, wrong.param)


def test_events_say_what_was_not_delivered(sandbox: Sandbox) -> None:
    """delivery_success and types narrow the list; an event holds the whole object; 31 days old is gone."""
    events = sandbox.client().v1.events
    assert ["evt_lost"] == ids(events.list({"delivery_success": False}))
    assert ["evt_done"] == ids(events.list({"delivery_success": True}))
    assert ["evt_lost"] == ids(events.list({"types": ["payment_intent.succeeded", "charge.failed"]}))
    assert ["evt_lost"] == ids(events.list({"type": "payment_intent.*"}))
    assert ("succeeded", 12000) == (
        (about := events.retrieve("evt_lost").data.object.to_dict())["status"],
        about["amount_received"],
    )
    assert 404 == refused(lambda: events.retrieve("evt_old")).http_status


def test_an_event_is_sent_again_to_one_endpoint(sandbox: Sandbox) -> None:
    """A retry needs an enabled endpoint, and leaves one delivery fewer open."""
    client = sandbox.client()
    answer = client.raw_request("post", "/v1/events/evt_lost/retry", webhook_endpoint="we_1")
    assert ("evt_lost", 0) == ((body := json.loads(answer.body))["id"], body["pending_webhooks"])
    assert [] == ids(client.v1.events.list({"delivery_success": False}))
    for wrong in ({}, {"webhook_endpoint": "we_off"}):
        ask = lambda given=wrong: client.raw_request("post", "/v1/events/evt_lost/retry", **given)  # noqa: E731
        assert 400 == refused(ask).http_status


def test_the_other_mode_is_named_and_not_shown(sandbox: Sandbox) -> None:
    """An id of the other mode is a 404 with Stripe's hint, for either key; a filter by it is refused."""
    wrong = refused(lambda: sandbox.client().v1.payment_intents.retrieve("pi_live"))
    assert (404, "resource_missing", "intent") == (wrong.http_status, wrong.code, wrong.param)
    assert (
        "No such payment_intent: 'pi_live'; a similar object exists in live mode, "
        "but a test mode key was used to make this request." == wrong.user_message
    )
    live = sandbox.client("sk_live_x").v1
    assert ["pi_live"] == ids(live.payment_intents.list())
    assert "a similar object exists in test mode" in str(refused(lambda: live.charges.retrieve("ch_paid")).user_message)
    assert 400 == refused(lambda: live.charges.list({"payment_intent": "pi_paid"})).http_status
    plain = refused(lambda: sandbox.client().v1.payment_intents.retrieve("pi_x"))
    assert "No such payment_intent: 'pi_x'" == plain.user_message


def test_a_live_world_is_for_live_keys() -> None:
    """In a world whose key is live, objects are live unless they say otherwise, refunds included."""
    with served({"key": "live", "charges": [{"id": "ch_1", "amount": 5}], "refunds": [{"charge": "ch_1"}]}) as sandbox:
        assert ["re_1"] == ids(sandbox.client("rk_live_x").v1.refunds.list())
        assert [] == ids(sandbox.client("rk_test_x").v1.refunds.list())


def test_a_refund_lives_in_the_mode_of_its_charge() -> None:
    """A Refund does not say its mode; one of a live charge is not shown to a test key."""
    part = {"charges": [{"id": "ch_1", "amount": 5, "livemode": True}], "refunds": [{"charge": "ch_1"}]}
    with served(part) as sandbox:
        assert [] == ids(sandbox.client("rk_test_x").v1.refunds.list())
        assert ["re_1"] == ids(sandbox.client("rk_live_x").v1.refunds.list())


def test_a_list_shows_what_has_just_been_written(sandbox: Sandbox) -> None:
    """Lists are strongly consistent: a refund is in the list that was empty before it."""
    refunds = sandbox.client().v1.refunds
    assert [] == ids(refunds.list({"charge": "ch_paid"}))
    made = refunds.create({"charge": "ch_paid", "amount": 1})
    assert [made.id] == ids(refunds.list({"charge": "ch_paid"}))


def test_a_deleted_customer_is_only_a_mark(sandbox: Sandbox) -> None:
    """A deleted customer can be retrieved as a mark, and is in no list."""
    customers = sandbox.client().v1.customers
    gone = {"id": "cus_gone", "object": "customer", "deleted": True}
    assert gone == customers.retrieve("cus_gone").to_dict()
    assert ["cus_1"] == ids(customers.list())


def test_a_refund_counts_once_per_idempotency_key(sandbox: Sandbox) -> None:
    """The same key and parameters replay the first answer; other parameters are refused; the charge keeps count."""
    v1 = sandbox.client().v1
    same = {"idempotency_key": "peakops:refund:INV-1:1000:1"}
    first = v1.refunds.create({"payment_intent": "pi_paid", "amount": 1000, "metadata": {"why": "twice"}}, same)
    again = v1.refunds.create({"payment_intent": "pi_paid", "amount": 1000, "metadata": {"why": "twice"}}, same)
    assert (first.id, "true") == (again.id, sandbox.answers[-1].headers.get("Idempotent-Replayed"))
    other = refused(lambda: v1.refunds.create({"payment_intent": "pi_paid", "amount": 999}, same))
    assert (sdk.IdempotencyError, 400) == (type(other), other.http_status)
    charge = v1.charges.retrieve("ch_paid", {"expand": ["refunds"]})
    assert (1000, False, [first.id]) == (charge.amount_refunded, charge.refunded, ids(charge.refunds))
    assert {"why": "twice"} == v1.refunds.retrieve(first.id).metadata.to_dict()


def test_an_idempotency_key_is_forgotten_after_a_day(sandbox: Sandbox) -> None:
    """A day later the same request with the same key refunds again."""
    v1 = sandbox.client().v1
    for day in (0, 1):
        sandbox.now = NOW + timedelta(days=day)
        v1.refunds.create({"charge": "ch_paid", "amount": 1000}, {"idempotency_key": "k"})
    assert 2000 == v1.charges.retrieve("ch_paid").amount_refunded


def test_a_refund_that_was_not_valid_is_not_kept(sandbox: Sandbox) -> None:
    """A request that was refused as invalid leaves its key free; one that was carried out keeps its refusal."""
    v1 = sandbox.client().v1
    key = {"idempotency_key": "k"}
    assert 400 == refused(lambda: v1.refunds.create({"charge": "ch_paid", "amount": 0}, key)).http_status
    assert 12000 == v1.refunds.create({"charge": "ch_paid"}, key).amount
    spent = [refused(lambda: v1.refunds.create({"charge": "ch_paid"}, {"idempotency_key": "k2"})) for _ in range(2)]
    assert ["charge_already_refunded"] * 2 == [wrong.code for wrong in spent]
    assert "true" == sandbox.answers[-1].headers.get("Idempotent-Replayed")


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({}, 400, "parameter_missing"),
        ({"charge": "ch_none"}, 404, "resource_missing"),
        ({"charge": "ch_paid", "amount": 12001}, 400, None),
        ({"charge": "ch_disputed"}, 400, "charge_disputed"),
        ({"charge": "ch_held"}, 400, "charge_not_refundable"),
        ({"payment_intent": "pi_declined"}, 400, "payment_intent_unexpected_state"),
        ({"charge": "ch_paid", "reason": "because"}, 400, None),
        ({"charge": "ch_paid", "note": "x"}, 400, "parameter_unknown"),
    ],
)
def test_money_that_is_not_there_is_not_given_back(sandbox: Sandbox, asked: Any, status: int, code: str | None) -> None:
    """A refund is refused for what was not captured, is disputed, or is more than is left; nothing changes."""
    before = deepcopy([sandbox.state["charges"], sandbox.state["refunds"]])
    wrong = refused(lambda: sandbox.client().v1.refunds.create(asked))
    assert (status, code) == (wrong.http_status, wrong.code)
    assert before == [sandbox.state["charges"], sandbox.state["refunds"]]


BANK_DEBIT = {
    "id": "ch_bank",
    "amount": 3000,
    "created": "-9d",
    "payment_method_details": {"us_bank_account": {"last4": "6789"}},
}


def refund_of(sandbox: Sandbox, asked: dict[str, Any] | None = None) -> Any:
    """A refund by POST; then as a list shows it, since a watcher asks no differently."""
    v1 = sandbox.client().v1
    made = v1.refunds.create(asked or {"charge": "ch_paid", "amount": 1000, "metadata": {"plan": "abc"}})
    return made, lambda: v1.refunds.list({"charge": made.charge}).data[0]


def given_back(sandbox: Sandbox, charge: str = "ch_paid") -> tuple[int, bool]:
    found = sandbox.client().v1.charges.retrieve(charge)
    return found.amount_refunded, found.refunded


def test_a_refund_of_a_bank_debit_is_pending_first() -> None:
    """A card's refund has succeeded at once; a bank debit's is processed, counts as refunded, and goes to the bank."""
    with served({**WORLD, "charges": [*WORLD["charges"], BANK_DEBIT]}) as sandbox:
        (card, _), (bank, seen) = refund_of(sandbox), refund_of(sandbox, {"charge": "ch_bank"})
        assert ("succeeded", "card") == (card.status, card.destination_details.type)
        assert ("pending", "processing", "us_bank_transfer") == (
            bank.status,
            bank.pending_reason,
            bank.destination_details.type,
        )
        assert "card" not in bank.destination_details.to_dict()
        sandbox.now = NOW + timedelta(days=30)
        assert ("pending", (3000, True)) == (seen().status, given_back(sandbox, "ch_bank"))


def test_a_world_says_how_its_refunds_go() -> None:
    """A refund begins as the world says, is in the list at once with its metadata, and ends when its time has come."""
    said = {"status": "pending", "pending_reason": "insufficient_funds", "settles_to": "succeeded", "after_s": 60}
    with served({**WORLD, "refund_behaviour": said}) as sandbox:
        made, seen = refund_of(sandbox)
        assert ("pending", "insufficient_funds") == (made.status, made.pending_reason)
        assert (made.id, "pending", {"plan": "abc"}) == (
            (now := seen()).id,
            now.status,
            now.metadata.to_dict(),
        )
        sandbox.now = NOW + timedelta(seconds=59)
        assert "pending" == seen().status
        sandbox.now = NOW + timedelta(seconds=60)
        settled = seen()
        assert ("succeeded", False) == (settled.status, "pending_reason" in settled.to_dict())
        assert (1000, False) == given_back(sandbox)


def test_a_refund_settles_though_the_clock_stands() -> None:
    """A watching command does not move the sandbox's clock, so real time counts too."""
    said = {"status": "requires_action", "settles_to": "succeeded", "after_s": 0.3}
    with served({**WORLD, "refund_behaviour": said}) as sandbox:
        made, seen = refund_of(sandbox)
        assert ("requires_action", "requires_action") == (made.status, seen().status)
        time.sleep(0.35)
        assert "succeeded" == seen().status


@pytest.mark.parametrize(
    ("begins", "ends"),
    [
        *(("pending", "failed"), ("pending", "canceled")),
        *(("requires_action", "failed"), ("requires_action", "canceled")),
        ("succeeded", "failed"),
    ],
)
def test_money_that_does_not_arrive_goes_back_to_its_charge(begins: str, ends: str) -> None:
    """A refund that fails or is canceled is no longer counted, so that the charge can be refunded again."""
    reason = {"failure_reason": "expired_or_canceled_card"} if ends == "failed" else {}
    said = {"status": begins, "settles_to": ends, "after_s": 60, **reason}
    with served({**WORLD, "refund_behaviour": said}) as sandbox:
        made, seen = refund_of(sandbox, {"charge": "ch_paid"})
        assert (begins, (12000, True)) == (made.status, given_back(sandbox))
        sandbox.now = NOW + timedelta(seconds=61)
        settled = seen().to_dict()
        assert (ends, reason.get("failure_reason")) == (settled["status"], settled.get("failure_reason"))
        assert (ends == "failed") == ("failure_balance_transaction" in settled)
        assert (0, False) == given_back(sandbox)
        assert 12000 == refund_of(sandbox, {"charge": "ch_paid"})[0].amount


def test_a_refund_that_fails_at_once_gives_nothing_back() -> None:
    """What has failed when it is made does not count; the reason is unknown unless the world says it."""
    with served({**WORLD, "refund_behaviour": {"status": "failed"}}) as sandbox:
        made, _ = refund_of(sandbox)
        assert ("failed", "unknown", (0, False)) == (made.status, made.failure_reason, given_back(sandbox))


def test_a_replay_tells_of_the_refund_as_it_began() -> None:
    """The stored answer of an idempotency key stays pending when the refund has long succeeded, as at Stripe."""
    with served({**WORLD, "refund_behaviour": {"status": "pending", "settles_to": "succeeded"}}) as sandbox:
        refunds = sandbox.client().v1.refunds
        asked, key = {"charge": "ch_paid", "amount": 1000}, {"idempotency_key": "k"}
        made = refunds.create(asked, key)
        assert "succeeded" == refunds.retrieve(made.id).status
        assert (made.id, "pending") == ((again := refunds.create(asked, key)).id, again.status)


def test_a_hold_is_released_at_once_however_refunds_go() -> None:
    """Canceling a hold moves no money, so that no refund of it is under way."""
    with served({**WORLD, "refund_behaviour": {"status": "pending"}}) as sandbox:
        sandbox.client().v1.payment_intents.cancel("pi_held")
        assert (["succeeded"], (5000, True)) == (
            [each.status for each in sandbox.client().v1.refunds.list({"charge": "ch_held"})],
            given_back(sandbox, "ch_held"),
        )


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("pending", "stripe.refund_behaviour"),
        ({}, "stripe.refund_behaviour.status"),
        ({"status": "refunded"}, "stripe.refund_behaviour.status"),
        ({"status": "canceled"}, "stripe.refund_behaviour.status"),
        ({"status": "pending", "settle_to": "failed"}, "stripe.refund_behaviour.settle_to"),
        ({"status": "pending", "settles_to": "pending"}, "stripe.refund_behaviour.settles_to"),
        ({"status": "failed", "settles_to": "succeeded"}, "stripe.refund_behaviour.settles_to"),
        ({"status": "succeeded", "settles_to": "canceled"}, "stripe.refund_behaviour.settles_to"),
        ({"status": "pending", "pending_reason": "slow"}, "stripe.refund_behaviour.pending_reason"),
        ({"status": "succeeded", "pending_reason": "processing"}, "stripe.refund_behaviour.pending_reason"),
        ({"status": "pending", "after_s": 5}, "stripe.refund_behaviour.after_s"),
        ({"status": "pending", "settles_to": "failed", "after_s": -1}, "stripe.refund_behaviour.after_s"),
        ({"status": "pending", "settles_to": "failed", "after_s": "5s"}, "stripe.refund_behaviour.after_s"),
        ({"status": "pending", "settles_to": "failed", "after_s": True}, "stripe.refund_behaviour.after_s"),
        ({"status": "pending", "failure_reason": "declined"}, "stripe.refund_behaviour.failure_reason"),
        ({"status": "failed", "failure_reason": "bad"}, "stripe.refund_behaviour.failure_reason"),
    ],
)
def test_a_behaviour_that_is_none_is_refused_by_its_place(said: Any, place: str) -> None:
    """What a refund cannot do at Stripe, and what nobody knows, is no world."""
    with pytest.raises(BadInput, match=f"^{re.escape(place)}: "):
        vendor.complete({"refund_behaviour": said}, NOW)


def test_a_hold_is_captured_in_part(sandbox: Sandbox) -> None:
    """Capturing takes the amount, and the PaymentIntent has succeeded; a second capture is refused."""
    v1 = sandbox.client().v1
    taken = v1.payment_intents.capture("pi_held", {"amount_to_capture": 4000})
    assert ("succeeded", 4000, 0) == (taken.status, taken.amount_received, taken.amount_capturable)
    charge = v1.charges.retrieve("ch_held")
    assert (True, 4000) == (charge.captured, charge.amount_captured)
    assert "payment_intent_unexpected_state" == refused(lambda: v1.payment_intents.capture("pi_held")).code


def test_a_hold_that_has_run_out_is_not_captured(sandbox: Sandbox) -> None:
    """After capture_before the money is no longer held."""
    sandbox.now = NOW + timedelta(days=8)
    wrong = refused(lambda: sandbox.client().v1.payment_intents.capture("pi_held"))
    assert "charge_expired_for_capture" == wrong.code


def test_canceling_releases_what_was_held(sandbox: Sandbox) -> None:
    """A canceled hold is given back whole; a payment that succeeded cannot be canceled."""
    v1 = sandbox.client().v1
    canceled = v1.payment_intents.cancel("pi_held", {"cancellation_reason": "duplicate"})
    assert ("canceled", "duplicate", int(NOW.timestamp())) == (
        canceled.status,
        canceled.cancellation_reason,
        canceled.canceled_at,
    )
    charge = v1.charges.retrieve("ch_held")
    assert (True, 5000) == (charge.refunded, charge.amount_refunded)
    wrong = refused(lambda: v1.payment_intents.cancel("pi_paid"))
    assert ("payment_intent_unexpected_state", "succeeded") == (wrong.code, wrong.error.payment_intent.status)


def test_every_answer_carries_an_id_of_its_own(sandbox: Sandbox) -> None:
    """Request-Id differs from answer to answer, errors included, and Stripe-Version is the one that was asked for."""
    client = sandbox.client()
    client.v1.charges.list()
    wrong = refused(lambda: client.v1.charges.retrieve("ch_none"))
    heads = [answer.headers for answer in sandbox.answers]
    assert 2 == len({head["Request-Id"] for head in heads})
    assert (heads[1]["Request-Id"], "req_") == (wrong.request_id, wrong.request_id[:4])
    assert ["2026-10-28.endive"] * 2 == [head["Stripe-Version"] for head in heads]


@pytest.mark.parametrize(
    "headers", [{"X": "y"}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Bearer pk_test_1"}]
)
def test_a_request_without_a_secret_key_is_a_401(sandbox: Sandbox, headers: dict[str, str]) -> None:
    """No key, and what is not a secret or restricted key, is refused."""
    status, body, _ = sandbox.raw("GET", "/v1/charges", headers)
    assert (401, "invalid_request_error") == (status, body["error"]["type"])


def test_an_unknown_route_is_marked_for_the_server(sandbox: Sandbox) -> None:
    """A URL that Stripe does not have is a 404 with a mark; an object that does not exist has no such mark."""
    status, body, headers = sandbox.raw("GET", "/v1/foo")
    assert (404, "1") == (status, headers.get("Sandbox-Unknown-Route"))
    assert body["error"]["message"].startswith("Unrecognized request URL (GET: /v1/foo)")
    assert "Sandbox-Unknown-Route" not in sandbox.raw("GET", "/v1/charges/ch_none")[2]
    assert "1" == sandbox.raw("POST", "/v1/charges/ch_paid")[2].get("Sandbox-Unknown-Route")


@pytest.mark.parametrize(
    ("status", "error", "raised", "answered"),
    [
        (0, "rate_limit", sdk.RateLimitError, 429),
        (0, "api_key_expired", sdk.AuthenticationError, 401),
        (0, "lock_timeout", sdk.RateLimitError, 429),
        (0, "resource_missing", sdk.InvalidRequestError, 404),
        (0, "card_declined", sdk.CardError, 402),
        (0, "idempotency_key_in_use", sdk.APIError, 409),
        (0, "amount_too_small", sdk.InvalidRequestError, 400),
        (401, "", sdk.AuthenticationError, 401),
        (402, "do_not_honor", sdk.CardError, 402),
        (403, "", sdk.PermissionError, 403),
        (409, "", sdk.APIError, 409),
        (429, "", sdk.RateLimitError, 429),
        (500, "", sdk.APIError, 500),
        (503, "", sdk.APIError, 503),
    ],
)
def test_a_fault_is_the_error_that_the_sdk_raises_for_it(
    sandbox: Sandbox, status: int, error: str, raised: type, answered: int
) -> None:
    """Every fault of a world comes through the SDK as Stripe's own error, and a code alone takes its usual status."""
    sandbox.fault = vendor.refuse(status, error, 7)
    wrong = refused(sandbox.client().v1.charges.list)
    assert (raised, answered, "7") == (type(wrong), wrong.http_status, wrong.headers.get("Retry-After"))
    if error:
        said = wrong.error.to_dict()
        assert error in (said.get("code"), said.get("decline_code"))


def test_a_missing_permission_is_named() -> None:
    """A 403 names the permission: the fault's, or that of charges."""
    said = [vendor.refuse(403, slug, None).body["error"]["message"] for slug in ("", "rak_refund_write")]
    assert ["'rak_charge_read'" in said[0], "'rak_refund_write'" in said[1]] == [True, True]


def test_a_large_list_is_paged_to_its_depth() -> None:
    """With 20 000 charges, a page deep in the list is the right one."""
    with served({"charges": [{"id": f"ch_{number}", "created": number} for number in range(20_000)]}) as sandbox:
        charges = sandbox.client().v1.charges
        for after in (19_000, 10_000, 101):
            page = charges.list({"limit": 100, "starting_after": f"ch_{after}"}).data
            assert [f"ch_{after - step}" for step in range(1, 101)] == [each.id for each in page]
