"""What peakops sends to change something at Stripe, against the published specification."""

import json
import threading
import time
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from openapi import Specification, specification

from peakops.sandbox.vendors import stripe as vendor
from peakops.sandbox.wire import Request
from peakops.sources.stripe_writer import StripeWriter

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
WORLD: dict[str, Any] = {
    "payment_intents": [
        {"id": "pi_paid", "created": "-1d", "latest_charge": "ch_paid"},
        {"id": "pi_held", "created": "-1d", "status": "requires_capture", "latest_charge": "ch_held"},
    ],
    "charges": [
        {"id": "ch_paid", "amount": 12000, "payment_intent": "pi_paid", "created": "-1d"},
        {"id": "ch_held", "amount": 5000, "payment_intent": "pi_held", "captured": False, "created": "-1d"},
    ],
}
Sent = list[tuple[str, dict[str, Any], str]]
"""Path, form and idempotency key of each POST."""


@pytest.fixture(scope="module")
def spec(specs: Path) -> Specification:
    return specification(specs / "stripe" / "spec3.v1.2023-09-12.yaml")


@pytest.fixture
def stripe_of() -> Iterator[tuple[StripeWriter, Sent]]:
    """A writer before a Stripe of its own, and what it sends there."""
    state, sent = vendor.complete(deepcopy(WORLD), NOW), Sent()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            sent.append((self.path, nested(body.decode()), self.headers["idempotency-key"]))
            self._answer(body)

        def _answer(self, body: bytes) -> None:
            path, _, query = self.path.partition("?")
            headers = {key.lower(): value for key, value in self.headers.items()}
            method = self.command
            asked = Request(
                method=method, path=path, query=tuple(parse_qsl(query)), headers=headers, body=body, now=NOW
            )
            answer = vendor.handle(state, asked)
            self.send_response(answer.status)
            self.end_headers()

            self.wfile.write(json.dumps(answer.body).encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    yield StripeWriter("rk_test_x", url=url, deadline=time.monotonic() + 10), sent
    server.shutdown()


def nested(form: str) -> dict[str, Any]:
    """A form with Stripe's brackets as the object that it stands for; numbers are numbers."""
    found: dict[str, Any] = {}
    for key, value in parse_qsl(form):
        name, _, inner = key.partition("[")
        if inner:
            found.setdefault(name, {})[inner.rstrip("]")] = value
        else:
            found[name] = int(value) if value.isdigit() else value
    return found


def test_a_refund_is_what_the_specification_takes(spec: Specification, stripe_of: tuple[StripeWriter, Sent]) -> None:
    """The form of POST /v1/refunds fits its schema, and one with a reason that Stripe does not know is refused."""
    writer, sent = stripe_of
    writer.refund(
        charge="ch_paid", amount=500, was_refunded=0, reason="duplicate", invoice="INV-1", plan="p", key="peakops-p-1-0"
    )
    ((path, form, key),) = sent

    assert "/v1/refunds" == path
    assert [] == spec.request_errors("POST", path, form)
    assert spec.request_errors("POST", path, {**form, "reason": "because"})
    assert spec.request_errors("POST", path, {**form, "no_such_parameter": "x"})
    assert key.startswith("peakops-p-1-0")
    assert len(key) <= 255


def test_a_cancellation_is_what_the_specification_takes(
    spec: Specification, stripe_of: tuple[StripeWriter, Sent]
) -> None:
    """The form of the cancellation fits its schema, and one with another reason is refused."""
    writer, sent = stripe_of
    writer.cancel(intent="pi_held", was_status="requires_capture", plan="p", key="k")
    ((path, form, key),) = sent
    published = "/v1/payment_intents/{intent}/cancel"

    assert path == published.replace("{intent}", "pi_held")
    assert [] == spec.request_errors("POST", published, form)
    assert spec.request_errors("POST", published, {"cancellation_reason": "because"})
    assert key == "k"
