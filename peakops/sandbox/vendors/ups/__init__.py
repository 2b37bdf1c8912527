"""UPS, as the sandbox plays it: tokens, labels that are made and taken back, tracking, and the check of an address."""

from peakops.sandbox.vendors.ups import addresses, labels, shipping, tokens, tracking
from peakops.sandbox.vendors.ups.completion import complete
from peakops.sandbox.vendors.ups.envelope import Refusal, headers, refuse
from peakops.sandbox.wire import Answer, Request, State

NAME = "ups"
ROUTES: tuple[tuple[str, str], ...] = (
    ("POST", "/security/v1/oauth/token"),
    ("POST", "/api/shipments/v2409/ship"),
    ("DELETE", "/api/shipments/v2409/void/cancel/{id}"),
    ("POST", "/api/labels/v1/recovery"),
    ("POST", "/api/addressvalidation/v2/{option}"),
    ("GET", "/api/track/v1/details/{number}"),
    ("GET", "/api/track/v1/reference/details/{reference}"),
)
UNKNOWN_ROUTE = {"Sandbox-Unknown-Route": "1"}
"""Tells the sandbox's server that UPS has no such route; UPS itself speaks of a licence then."""


def handle(state: State, request: Request) -> Answer:
    """Answer as UPS would."""
    try:
        answer = answered(state, request)
    except Refusal as refusal:
        answer = Answer(status=refusal.status, body=refusal.body)
    return Answer(status=answer.status, body=answer.body, headers=headers(request) | dict(answer.headers))


def answered(state: State, request: Request) -> Answer:
    """The answer of the route, to who has a token and the product."""
    match request.method, request.path.split("/")[1:]:
        case "POST", ["security", "v1", "oauth", "token"]:
            return tokens.issue(state, request)
        case "POST", ["api", "shipments", "v2409", "ship"]:
            allow(state, request, "shipping")
            return shipping.ship(state, request)
        case "DELETE", ["api", "shipments", "v2409", "void", "cancel", identifier]:
            allow(state, request, "shipping")
            return shipping.void(state, request, identifier)
        case "POST", ["api", "labels", "v1", "recovery"]:
            allow(state, request, "shipping")
            return labels.recover(state, request)
        case "POST", ["api", "addressvalidation", "v2", option]:
            allow(state, request, "address_validation")
            return addresses.validate(state, request, option)
        case "GET", ["api", "track", "v1", "details", number]:
            allow(state, request, "tracking")
            return tracking.by_number(state, request, number)
        case "GET", ["api", "track", "v1", "reference", "details", reference]:
            allow(state, request, "tracking")
            return tracking.by_reference(state, request, reference)
    unknown = Refusal("250003")
    return Answer(status=unknown.status, body=unknown.body, headers=UNKNOWN_ROUTE)


def allow(state: State, request: Request, product: str) -> None:
    """Refuse a call without a good token, and, in the same words, one of a product that the app was not given."""
    tokens.require(state, request)
    if product not in state["products"]:
        raise Refusal("250002")


__all__ = ["NAME", "ROUTES", "complete", "handle", "refuse"]
