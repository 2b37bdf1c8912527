"""Stripe, as the sandbox plays it: payments, refunds, disputes and events that remember what was done to them."""

import re
import threading
from collections.abc import Callable
from typing import Any

from peakops.sandbox.vendors.stripe import reads, refunds, writes
from peakops.sandbox.vendors.stripe.completion import complete
from peakops.sandbox.vendors.stripe.envelope import API_VERSION, Refusal, error_body, refuse, standard_headers
from peakops.sandbox.vendors.stripe.idempotency import once
from peakops.sandbox.vendors.stripe.parameters import of
from peakops.sandbox.vendors.stripe.reads import Call
from peakops.sandbox.vendors.stripe.resources import RESOURCES
from peakops.sandbox.wire import Answer, Request, State

NAME = "stripe"

WRITES: dict[tuple[str, str], tuple[str, Callable[..., dict[str, Any]]]] = {
    ("POST", "/v1/refunds"): ("refunds", writes.create_refund),
    ("POST", "/v1/payment_intents/{id}/cancel"): ("payment_intents", writes.cancel),
    ("POST", "/v1/payment_intents/{id}/capture"): ("payment_intents", writes.capture),
    ("POST", "/v1/events/{id}/retry"): ("events", writes.retry_event),
}

ROUTES: tuple[tuple[str, str], ...] = (
    *(("GET", resource.path) for resource in RESOURCES.values()),
    *(("GET", f"{resource.path}/search") for resource in RESOURCES.values() if resource.search),
    *(("GET", f"{resource.path}/{{id}}") for resource in RESOURCES.values()),
    *WRITES,
)

UNKNOWN_ROUTE = {"Sandbox-Unknown-Route": "1"}
"""Tells the sandbox's server that this vendor has no such route; it does not send it on."""

_KEY = re.compile(r"(?:sk|rk)_(test|live)_\w+")
_WRITING = threading.Lock()
"""Changes happen one after another, as Stripe's locks on its objects make them."""


def handle(state: State, request: Request) -> Answer:
    """Answer as Stripe would."""
    headers = standard_headers(request.headers.get("stripe-version", API_VERSION))
    mode = "test"
    with _WRITING:
        refunds.settle(state, request.now)
    try:
        mode = mode_of_key(request.headers.get("authorization", ""))
        status, body, replayed = answer(state, request, mode)
    except Refusal as refusal:
        if refusal.status == 404 and "code" not in refusal.error:
            headers |= UNKNOWN_ROUTE
        status, replayed = refusal.status, refusal.replayed
        body = error_body(refusal.error, headers["Request-Id"], mode)
    if replayed:
        headers["Idempotent-Replayed"] = "true"
    return Answer(status=status, body=body, headers=headers)


def mode_of_key(authorization: str) -> str:
    """Whether a key is a test or a live one; no key, or something else in its place, is refused."""
    scheme, _, key = authorization.partition(" ")
    if scheme != "Bearer" or not key:
        raise Refusal(401, "You did not provide an API key in the Authorization header.")
    match = _KEY.fullmatch(key.strip())
    if match is None:
        raise Refusal(401, f"Invalid API Key provided: {key[:8]}***")
    return match[1]


def answer(state: State, request: Request, mode: str) -> tuple[int, dict[str, Any], bool]:
    """Status and body, and whether they are an earlier answer given again."""
    for method, template in ROUTES:
        match = re.fullmatch(template.replace("{id}", "([^/]+)"), request.path)
        if match is None or method != request.method:
            continue
        if method == "POST":
            return write(state, request, mode, (method, template), match.groups())
        return 200, read(state, request, mode, template, match.groups()), False
    message = f"Unrecognized request URL ({request.method}: {request.path})."
    raise Refusal(404, message)


def read(state: State, request: Request, mode: str, template: str, ids: tuple[str, ...]) -> dict[str, Any]:
    """What a GET answers."""
    collection = next(
        name
        for name, resource in RESOURCES.items()
        if template in (resource.path, f"{resource.path}/search", f"{resource.path}/{{id}}")
    )
    call = Call(state=state, collection=collection, parameters=of(request), mode=mode, now=request.now)
    if ids:
        return reads.retrieve(call, *ids)
    return reads.search_page(call) if template.endswith("/search") else reads.page(call)


def write(
    state: State, request: Request, mode: str, route: tuple[str, str], ids: tuple[str, ...]
) -> tuple[int, dict[str, Any], bool]:
    """What a POST does, once per idempotency key."""
    collection, act = WRITES[route]
    call = Call(state=state, collection=collection, parameters=of(request), mode=mode, now=request.now)
    with _WRITING:
        return once(call, request, lambda: act(call, *ids))


__all__ = ["NAME", "ROUTES", "complete", "handle", "refuse"]
