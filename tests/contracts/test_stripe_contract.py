"""The sandbox's Stripe, and what peakops reads of it, against Stripe's published specification and SDK."""

import json
import re
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
import stripe
from openapi import Specification, places, specification

from peakops.sandbox.vendors import stripe as vendor
from peakops.sandbox.vendors.stripe import writes
from peakops.sandbox.vendors.stripe.fields import EXPANDABLE, FIELDS
from peakops.sandbox.vendors.stripe.resources import RESOURCES
from peakops.sandbox.wire import Request
from peakops.sources import stripe_fields as peakops_fields

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
SDK_TYPES = {"early_fraud_warnings": stripe.radar.EarlyFraudWarning, "checkout_sessions": stripe.checkout.Session}
"""Types whose name is not that of the object in Stripe's reference."""

OF_NO_TYPE: Any = [{"neither": "this"}, 0.5]
"""A value that fits no field."""

KEY = {"authorization": "Bearer rk_test_x"}

WORLD: dict[str, Any] = {
    "customers": [{"id": "cus_1", "email": "a@b.example", "created": "-2d"}],
    "payment_intents": [
        {"id": "pi_bare", "created": "-1d", "amount": 100},
        {"id": "pi_paid", "created": "-1d", "customer": "cus_1"},
        {"id": "pi_held", "created": "-1d", "status": "requires_capture"},
        {"id": "pi_acting", "created": "-1d", "status": "requires_action", "amount": 100},
        {"id": "pi_canceled", "created": "-1d", "status": "canceled", "amount": 100},
        {
            "id": "pi_declined",
            "created": "-1d",
            "last_payment_error": {"code": "card_declined", "decline_code": "insufficient_funds"},
        },
    ],
    "charges": [
        {"id": "ch_bare", "created": "-1d"},
        {"id": "ch_paid", "amount": 12000, "payment_intent": "pi_paid", "created": "-1d"},
        {"id": "ch_held", "amount": 5000, "payment_intent": "pi_held", "created": "-1d"},
        {"id": "ch_declined", "payment_intent": "pi_declined", "failure_code": "card_declined", "created": "-1d"},
        {"id": "ch_blocked", "outcome": {"type": "blocked", "rule": {"id": "rule_1"}}, "created": "-1d"},
        {"id": "ch_pending", "status": "pending", "payment_method_details": {"us_bank_account": {}}, "created": "-1d"},
    ],
    "refunds": [{"id": "re_1", "charge": "ch_paid", "amount": 100, "created": "-1h"}],
    "disputes": [{"id": "dp_1", "charge": "ch_bare", "created": "-1h"}],
    "events": [
        {"id": "evt_1", "type": "payment_intent.succeeded", "created": "-1h", "data": {"object": {"id": "pi_paid"}}},
        {"id": "evt_2", "type": "charge.dispute.created", "created": "-1h", "data": {"object": {"id": "dp_1"}}},
    ],
    "webhook_endpoints": [{"id": "we_1"}],
    "early_fraud_warnings": [{"id": "issfr_1", "charge": "ch_paid", "created": "-1h"}],
    "reviews": [{"id": "prv_1", "charge": "ch_paid", "created": "-1h"}],
    "checkout_sessions": [{"id": "cs_1", "payment_intent": "pi_paid", "created": "-1h"}],
}

TYPED = "in the types of stripe-python 16.1 and the fixtures of 2026-08-21"
DECLINE_ADVICE = "came with API 2024-12-18"
NEWER = {
    ("charge", "outcome.advice_code"): DECLINE_ADVICE,
    ("charge", "outcome.network_advice_code"): DECLINE_ADVICE,
    ("charge", "outcome.network_decline_code"): DECLINE_ADVICE,
    ("charge", "payment_method_details.card.capture_before"): TYPED,
    ("charge", "payment_method_details.us_bank_account.mandate"): TYPED,
    ("checkout.session", "automatic_tax.liability.account"): TYPED,
    ("payment_intent", "amount_details.line_items"): TYPED,
    ("payment_intent", "last_payment_error.advice_code"): DECLINE_ADVICE,
    ("payment_intent", "last_payment_error.network_advice_code"): DECLINE_ADVICE,
    ("payment_intent", "last_payment_error.network_decline_code"): DECLINE_ADVICE,
    ("payment_intent", "payment_record"): TYPED,
    ("payment_intent", "source"): TYPED,
    ("refund", "customer"): TYPED,
    ("refund", "payment_method"): TYPED,
    ("refund", "pending_reason"): TYPED,
}
"""Fields of the API of 2026-10-28 that the specification of 2023-09-12 does not know, and how we know of them."""

NEWER_PARAMETERS = {
    ("GET", "/v1/checkout/sessions"): {"created", "status"},
}
"""Parameters that the specification of 2023 does not know, and stripe-python 16.1's SessionListParams does."""

LEFT_OUT = {"customer_account", "test_clock"}
"""Parameters of a list that the sandbox does not take: they belong to features that the portal does not use."""

NOT_IN_SDK = {
    ("POST", "/v1/events/{}/retry"): "what `stripe events resend` calls; in no public reference",
}


@pytest.fixture(scope="module")
def spec(specs: Path) -> Specification:
    return specification(specs / "stripe" / "spec3.v1.2023-09-12.yaml")


@pytest.fixture(scope="module")
def endpoints(specs: Path) -> dict[tuple[str, str], set[str]]:
    """Method and path with nameless ids: the parameters that stripe-python 16.1 sends."""
    document = json.loads((specs / "stripe" / "sdk16_1_endpoints.json").read_text(encoding="utf-8"))
    return {
        (each["http"], nameless(each["path"])): set(each["params"])
        for group in document["resources"].values()
        for each in group
    }


def nameless(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)


def without(found: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in found.items() if key != name}


def ask(path: str, method: str = "GET", body: str = "") -> Any:
    path, _, query = path.partition("?")
    request = Request(method=method, path=path, query=tuple(parse_qsl(query)), headers=KEY, body=body.encode(), now=NOW)
    return vendor.handle(vendor.complete(deepcopy(WORLD), NOW), request).body


OBJECTS = [(collection, found["id"]) for collection in RESOURCES for found in WORLD[collection]]
KINDS = [(collection, WORLD[collection][-1]["id"]) for collection in RESOURCES]
SEARCHABLE = [collection for collection, resource in RESOURCES.items() if resource.search]


@pytest.mark.parametrize(("collection", "identifier"), OBJECTS)
def test_every_object_is_what_the_specification_describes(
    spec: Specification, collection: str, identifier: str
) -> None:
    """A completed object has the fields that Stripe requires, with their types."""
    resource = RESOURCES[collection]
    assert {} == places(spec.errors(resource.kind, ask(f"{resource.path}/{identifier}")))


@pytest.mark.parametrize(("collection", "identifier"), KINDS)
def test_an_object_that_lacks_what_is_required_is_refused(
    spec: Specification, collection: str, identifier: str
) -> None:
    """The contract notices each required field that is missing, and each field that has another type."""
    kind = RESOURCES[collection].kind
    good = ask(f"{RESOURCES[collection].path}/{identifier}")
    required = spec.schemas[kind]["required"]
    noticed = [name for name in required if spec.errors(kind, {**good, name: OF_NO_TYPE})]
    assert required == noticed
    assert required == [name for name in required if spec.errors(kind, without(good, name))]


@pytest.mark.parametrize("collection", RESOURCES)
def test_every_list_is_what_the_specification_describes(spec: Specification, collection: str) -> None:
    """The envelope of a list and all objects in it are valid; an envelope without `has_more` is not."""
    path = RESOURCES[collection].path
    page = ask(f"{path}?limit=100")
    assert len(WORLD[collection]) == len(page["data"])
    assert {} == places(spec.response_errors("GET", path, page))
    assert {"": "'has_more' is a required property"} == places(
        spec.response_errors("GET", path, without(page, "has_more"))
    )


@pytest.mark.parametrize("collection", SEARCHABLE)
def test_every_search_is_what_the_specification_describes(spec: Specification, collection: str) -> None:
    """The envelope of a search is valid, with and without a next page; one that is a list's is not."""
    path = f"{RESOURCES[collection].path}/search"
    for query in ("query=created>1", "query=created>1&limit=1&expand[]=total_count"):
        assert {} == places(spec.response_errors("GET", path, ask(f"{path}?{query}")))
    wrong = ask(f"{path}?query=created>1") | {"object": "list"}
    assert ["object"] == list(places(spec.response_errors("GET", path, wrong)))


@pytest.mark.parametrize(
    "path",
    [
        "/v1/payment_intents/pi_paid?expand[]=latest_charge.refunds&expand[]=customer",
        "/v1/payment_intents/pi_declined?expand[]=latest_charge.payment_intent",
    ],
)
def test_an_expanded_object_is_what_the_specification_describes(spec: Specification, path: str) -> None:
    """Objects in the place of their ids are valid as well, and the lists within them."""
    found = ask(path)
    assert isinstance(found["latest_charge"], dict)
    assert {} == places(spec.errors("payment_intent", found))
    found["latest_charge"]["paid"] = "yes"
    assert {} != places(spec.errors("payment_intent", found))


@pytest.mark.parametrize(
    ("path", "template", "body"),
    [
        ("/v1/refunds", "/v1/refunds", "payment_intent=pi_paid&amount=5&expand[]=charge"),
        ("/v1/payment_intents/pi_held/capture", "/v1/payment_intents/{intent}/capture", "amount_to_capture=1"),
        ("/v1/payment_intents/pi_held/cancel", "/v1/payment_intents/{intent}/cancel", "cancellation_reason=duplicate"),
    ],
)
def test_what_a_write_answers_is_what_the_specification_describes(
    spec: Specification, path: str, template: str, body: str
) -> None:
    """A refund, a capture and a cancellation answer with valid objects."""
    found = ask(path, "POST", body)
    assert {} == places(spec.response_errors("POST", template, found))
    assert {} != places(spec.response_errors("POST", template, without(found, "amount")))


@pytest.mark.parametrize(("identifier", "kind"), [("evt_1", "payment_intent"), ("evt_2", "dispute")])
def test_an_event_holds_a_whole_object(spec: Specification, identifier: str, kind: str) -> None:
    """What an event is about is a valid object of its kind, though the world gives only its id."""
    assert {} == places(spec.errors(kind, ask(f"/v1/events/{identifier}")["data"]["object"]))


ERRORS = [
    *(ask(path) for path in ("/v1/charges/ch_none", "/v1/foo", "/v1/charges?limit=0", "/v1/charges?x=y")),
    ask("/v1/payment_intents/pi_paid/cancel", "POST"),
    *(vendor.refuse(status, "", None).body for status in (400, 401, 402, 403, 404, 409, 429, 500, 503)),
    *(vendor.refuse(0, code, 1.5).body for code in ("rate_limit", "api_key_expired", "lock_timeout", "card_declined")),
    vendor.refuse(0, "idempotency_key_in_use", None).body,
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error["error"].get("code", error["error"]["message"][:30]))
def test_every_error_is_in_the_envelope_of_the_specification(spec: Specification, error: Any) -> None:
    """Errors, and faults of a world, have Stripe's envelope; a type that Stripe does not have is refused."""
    assert {} == places(spec.errors("error", error))
    assert ["error.type"] == list(places(spec.errors("error", {"error": error["error"] | {"type": "rate_limit"}})))


def test_every_route_is_stripes(spec: Specification, endpoints: dict[tuple[str, str], set[str]]) -> None:
    """Each route is one that stripe-python 16.1 calls or the specification has; a route that is not is named."""
    published = {
        (method.upper(), nameless(path)) for path, methods in spec.document["paths"].items() for method in methods
    }
    ours = {(method, nameless(path)) for method, path in vendor.ROUTES}
    assert set(NOT_IN_SDK) == ours - published - set(endpoints)


def taken() -> list[tuple[str, str, set[str]]]:
    """Method, path and the parameters that the sandbox takes there."""
    lists = [("GET", resource.path, set(resource.list_parameters)) for resource in RESOURCES.values()]
    searches = [("GET", f"{RESOURCES[name].path}/search", {"expand", "limit", "page", "query"}) for name in SEARCHABLE]
    intent = "/v1/payment_intents/{intent}"
    return [
        *lists,
        *searches,
        ("POST", "/v1/refunds", set(writes.REFUND_PARAMETERS)),
        ("POST", f"{intent}/capture", set(writes.CAPTURE_PARAMETERS)),
        ("POST", f"{intent}/cancel", {"cancellation_reason", "expand"}),
    ]


@pytest.mark.parametrize(
    ("method", "path", "names"), taken(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_parameter_is_stripes(
    spec: Specification, endpoints: dict[tuple[str, str], set[str]], method: str, path: str, names: set[str]
) -> None:
    """The sandbox takes exactly what the endpoint takes, so a parameter that Stripe refuses is refused here too."""
    published = endpoints.get((method, nameless(path))) or spec.parameters(method, path)
    published = published | NEWER_PARAMETERS.get((method, path), set())
    left_out = published - names
    assert set() == names - published
    assert left_out <= LEFT_OUT, f"{method} {path} does not take {left_out - LEFT_OUT}"


@pytest.mark.parametrize(("collection", "name"), [(name, resource.name) for name, resource in RESOURCES.items()])
def test_a_world_may_say_what_the_sdk_reads(collection: str, name: str) -> None:
    """The known fields of each object are those of stripe-python's type, no more and no fewer."""
    kind = SDK_TYPES.get(collection) or getattr(stripe, name)
    fields = {field for field in kind.__annotations__ if not field.startswith("_") and field.islower()}
    assert fields == FIELDS[RESOURCES[collection].kind]


@pytest.mark.parametrize("kind", [kind for kind in EXPANDABLE if kind in FIELDS])
def test_every_expandable_field_is_stripes(spec: Specification, kind: str) -> None:
    """What can be expanded is a field of the object."""
    absent = {field for field in EXPANDABLE[kind] if not spec.has_field(kind, field)}
    assert {field for of, field in NEWER if of == kind and field in EXPANDABLE[kind]} == absent


READ = {
    "payment_intent": "INTENT_FIELDS",
    "charge": "CHARGE_FIELDS",
    "customer": "CUSTOMER_FIELDS",
    "refund": "REFUND_FIELDS",
    "dispute": "DISPUTE_FIELDS",
    "event": "EVENT_FIELDS",
    "webhook_endpoint": "ENDPOINT_FIELDS",
}


@pytest.mark.parametrize(("kind", "name"), READ.items())
def test_every_field_that_peakops_reads_is_stripes(spec: Specification, kind: str, name: str) -> None:
    """Each field that the client reads exists in the specification, or is listed as newer than it."""
    fields = getattr(peakops_fields, name)
    absent = {field for field in fields if not spec.has_field(kind, field)}
    assert {field for of, field in NEWER if of == kind and field in fields} == absent
    assert not spec.has_field(kind, "no_such_field")
