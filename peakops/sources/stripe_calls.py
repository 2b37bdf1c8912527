"""How Stripe is called: in parallel, with time limits, its own back-off for 429, and errors said in our words."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import stripe

from peakops.errors import Bug, NotConfigured, NotFound, PeakopsError, Refused, TimedOut
from peakops.sources.patience import CONNECT_SECONDS, PATIENCE, READ_SHARE, RETRIES, jittered, longest_read
from peakops.sources.stripe_errors import headers, retry_after, translated, unreadable
from peakops.sources.stripe_fields import whole

PAGE = 100
MOST_PAGES = 5
"""A look at one invoice that needs more than 500 objects is cut, and says so."""
CERTAIN = (400, 402, 404)
"""Answers to a write after which it is certain that nothing was done; 409 says that it is being done just now."""
KINDS = {
    "payment_intents": "payment_intent",
    "charges": "charge",
    "refunds": "refund",
    "disputes": "dispute",
    "events": "event",
    "webhook_endpoints": "webhook_endpoint",
    "customers": "customer",
}
"""What `object` says of each list's objects."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """The objects of one list, whole or cut, and the requests that brought them."""

    items: tuple[dict[str, Any], ...] = ()
    request_ids: tuple[str, ...] = ()
    cut: bool = False
    notes: tuple[str, ...] = ()

    @property
    def body(self) -> dict[str, Any]:
        return self.items[0]


class Calls:
    """A Stripe client that reads. Raises the errors of peakops.errors only."""

    def __init__(self, key: str | None, *, url: str, deadline: float) -> None:
        if not key:
            raise NotConfigured(
                "Stripe is not configured.",
                code="stripe.not_configured",
                hint="Set PEAKOPS_STRIPE_API_KEY or PEAKOPS_STRIPE_API_KEY_FILE to a restricted key that reads.",
                source="stripe",
            )
        # Before the first request: the SDK would write an id into the user's home and send it along.
        stripe.enable_telemetry = False
        self._deadline = deadline
        self._read = read = longest_read((deadline - time.monotonic()) * READ_SHARE)
        self._client = stripe.StripeClient(
            key,
            base_addresses={"api": url},
            max_network_retries=0,  # _ask retries, and knows the deadline
            http_client=stripe.RequestsClient(timeout=(min(CONNECT_SECONDS, read), read)),
        )

    def one(self, service: str, id: str, *, expand: Sequence[str] = ()) -> Page:
        """One object by its id. Raises NotFound with what Stripe says of it."""
        found = self._ask(lambda: getattr(self._client.v1, service).retrieve(id, {"expand": list(expand)}))
        return Page(items=_objects([found], KINDS[service]), request_ids=(_request_id(found),))

    def maybe(self, service: str, id: str, *, expand: Sequence[str] = ()) -> Page:
        """One object by its id, or an empty page."""
        return self.or_none(lambda: self.one(service, id, expand=expand))

    def or_none(self, way: Callable[[], Page]) -> Page:
        """What a way brings, or an empty page where Stripe does not have what it asks by."""
        try:
            return way()
        except NotFound as absent:
            return Page(request_ids=(absent.request_id,))

    def listing(self, service: str, *, most: int = MOST_PAGES, **filters: Any) -> Page:
        """
        All objects of a list, newest first, up to `most` pages.

        Raises NotFound where it is filtered by an object that Stripe does not have, and Bug for a filter that is
        None: Stripe would leave it out and list everybody's.
        """
        if None in filters.values():
            raise Bug(f"Stripe's {service} would be listed without a filter.", source="stripe")
        given = {key: list(value) if isinstance(value, tuple) else value for key, value in filters.items()}
        return self._pages(service, "list", given, most)

    def search(self, service: str, query: str) -> Page:
        """All objects that Stripe's search knows; it lags behind the lists."""
        return self._pages(service, "search", {"query": query}, MOST_PAGES)

    def _pages(self, service: str, verb: str, given: dict[str, Any], most: int) -> Page:
        ask = getattr(getattr(self._client.v1, service), verb)
        items: list[dict[str, Any]] = []
        ids: list[str] = []
        more: dict[str, str] = {}
        for _ in range(most):
            page = self._ask(partial(ask, {**given, "limit": PAGE, **more}))
            items += _objects(getattr(page, "data", None), KINDS[service])
            ids.append(_request_id(page))
            if getattr(page, "has_more", False) and not page.data:
                raise unreadable("a page without anything says that there is more")
            if not getattr(page, "has_more", False):
                return Page(items=tuple(items), request_ids=tuple(ids))
            # Of a list the SDK calls a method `next_page`; of a search it is the cursor.
            after = getattr(page, "next_page", None)
            more = {"page": after} if isinstance(after, str) else {"starting_after": items[-1]["id"]}
        return Page(items=tuple(items), request_ids=tuple(ids), cut=True)

    def plain(self, path: str, given: dict[str, Any]) -> Any:
        """
        What a list's page holds, as it came: a fifth of what the SDK's objects cost.

        A 429 is the caller's to wait for. Raises RateLimited.
        """
        return self.answer(path, given).data

    def answer(self, path: str, given: dict[str, Any]) -> Any:
        """The answer itself with its `headers`, as `plain` asks for it. Raises RateLimited."""
        return self._ask(lambda: self._client.raw_request("get", path, **given), patience=0)

    def write(self, service: str, verb: str, *given: Any, key: str, kind: str) -> Page:
        """
        One POST under an idempotency key: asked again after a broken connection, it happens once (for 24 h).

        Stripe's answer to a key is final, so that a repetition brings what the first one brought, an error too.
        Raises Refused where Stripe says for certain that it did nothing.
        """
        ask = getattr(getattr(self._client.v1, service), verb)
        try:
            made = self._ask(partial(ask, *given, {"idempotency_key": key}))
        except PeakopsError as wrong:
            if wrong.http_status in CERTAIN:
                raise Refused(
                    wrong.says, code="stripe.refused", source="stripe", request_id=wrong.request_id
                ) from wrong
            raise
        return Page(items=_objects([made], kind), request_ids=(_request_id(made),))

    def _ask(self, call: Callable[[], Any], patience: int = PATIENCE) -> Any:
        """What a call brings: StripeClient itself repeats nothing, and neither it nor the SDK minds a Retry-After."""
        for attempt in range(PATIENCE + 1):
            try:
                return call()
            except stripe.StripeError as wrong:
                pause = self._pause(wrong, attempt, patience)
                if pause is None or time.monotonic() + pause >= self._deadline:
                    raise translated(wrong) from wrong
                time.sleep(pause)
            except (AttributeError, KeyError, TypeError, ValueError) as wrong:
                # The SDK makes objects of whatever came; what it cannot make one of was no answer of Stripe's.
                raise unreadable("what came is no object") from wrong
        raise AssertionError("the last attempt returns or raises")

    def _pause(self, wrong: stripe.StripeError, attempt: int, patience: int) -> float | None:
        """How long to wait before asking again; None where that is no use."""
        backed_off = jittered(attempt)
        if isinstance(wrong, stripe.RateLimitError):
            return None if attempt >= patience else retry_after(wrong) or backed_off
        status = wrong.http_status or 0
        passing = isinstance(wrong, stripe.APIConnectionError) or status >= 500 or status == 409
        if not passing or attempt >= RETRIES or headers(wrong).get("stripe-should-retry") == "false":
            return None
        timed_out = isinstance(translated(wrong), TimedOut)
        return None if timed_out and time.monotonic() + self._read >= self._deadline else backed_off


def _objects(data: Any, kind: str) -> tuple[dict[str, Any], ...]:
    """Stripe's objects as plain data. Raises Unreachable where one lacks what it cannot be without."""
    bodies = [each.to_dict() if isinstance(each, stripe.StripeObject) else each for each in data or ()]
    if data is None or not all(whole(each, kind) for each in bodies):
        raise unreadable(f"it is no {kind}, or lacks what every {kind} has")
    return tuple(bodies)


def _request_id(found: Any) -> str:
    return str(getattr(getattr(found, "last_response", None), "request_id", "") or "")
