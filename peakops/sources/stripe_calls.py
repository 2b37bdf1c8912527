"""How Stripe is called: in parallel, with time limits, its own back-off for 429, and errors said in our words."""

import random
import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import stripe

from peakops.errors import (
    Bug,
    Denied,
    NotConfigured,
    NotFound,
    PeakopsError,
    RateLimited,
    TimedOut,
    Unauthenticated,
    Unreachable,
)
from peakops.sources.stripe_fields import whole

RETRIES = 2
"""For 409, 5xx and broken connections; StripeClient itself would not retry at all."""
PATIENCE = 3
"""How often a 429 is asked again; stripe-python does not retry it and ignores Retry-After."""
FIRST_PAUSE_S = 0.5
CONNECT_SECONDS = 3.0
READ_SHARE = 0.4
"""Of the time left at the start, what one answer may take: well under it, and enough for a slow one."""
PAGE = 100
MOST_PAGES = 5
"""A look at one invoice that needs more than 500 objects is cut, and says so."""
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
        self._read = read = max(0.2, (deadline - time.monotonic()) * READ_SHARE)
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
            if not getattr(page, "has_more", False) or not items:
                return Page(items=tuple(items), request_ids=tuple(ids))
            after = getattr(page, "next_page", None)
            more = {"page": after} if after else {"starting_after": items[-1]["id"]}
        return Page(items=tuple(items), request_ids=tuple(ids), cut=True)

    def at_once(self, ways: Sequence[Callable[[], Page]]) -> list[Page]:
        """Every way at the same time, in the order given. Raises the first error once all are done."""
        results: list[Page | PeakopsError] = [Page()] * len(ways)

        def run(index: int, way: Callable[[], Page]) -> None:
            try:
                results[index] = way()
            except PeakopsError as wrong:
                results[index] = wrong

        # The first way runs here: most looks have one, and need no thread of their own for it.
        crew = [threading.Thread(target=run, args=each, daemon=True) for each in list(enumerate(ways))[1:]]
        for thread in crew:
            thread.start()
        if ways:
            run(0, ways[0])
        for thread in crew:
            thread.join()
        for each in results:
            if isinstance(each, PeakopsError):
                raise each
        return [each for each in results if isinstance(each, Page)]

    def _ask(self, call: Callable[[], Any]) -> Any:
        for attempt in range(PATIENCE + 1):
            try:
                return call()
            except stripe.StripeError as wrong:
                pause = self._pause(wrong, attempt)
                if pause is None or time.monotonic() + pause >= self._deadline:
                    raise translated(wrong) from wrong
                time.sleep(pause)
            except (AttributeError, KeyError, TypeError, ValueError) as wrong:
                # The SDK makes objects of whatever came; what it cannot make one of was no answer of Stripe's.
                raise _unreadable("what came is no object") from wrong
        raise AssertionError("the last attempt returns or raises")

    def _pause(self, wrong: stripe.StripeError, attempt: int) -> float | None:
        """How long to wait before asking again; None where that is no use."""
        backed_off = FIRST_PAUSE_S * 2**attempt * random.uniform(1, 1.5)  # noqa: S311  (jitter)
        if isinstance(wrong, stripe.RateLimitError):
            return None if attempt == PATIENCE else _retry_after(wrong) or backed_off
        status = wrong.http_status or 0
        passing = isinstance(wrong, stripe.APIConnectionError) or status >= 500 or status == 409
        if not passing or attempt >= RETRIES or _headers(wrong).get("stripe-should-retry") == "false":
            return None
        timed_out = isinstance(translated(wrong), TimedOut)
        return None if timed_out and time.monotonic() + self._read >= self._deadline else backed_off


def _objects(data: Any, kind: str) -> tuple[dict[str, Any], ...]:
    """Stripe's objects as plain data. Raises Unreachable where one lacks what it cannot be without."""
    bodies = [each.to_dict() if isinstance(each, stripe.StripeObject) else each for each in data or ()]
    if data is None or not all(whole(each, kind) for each in bodies):
        raise _unreadable(f"it is no {kind}, or lacks what every {kind} has")
    return tuple(bodies)


def _unreadable(why: str) -> Unreachable:
    says = f"Stripe's answer cannot be read: {why}."
    return Unreachable(says, code="stripe.unreadable", hint=_STATUS_PAGE, source="stripe")


def _request_id(found: Any) -> str:
    return str(getattr(getattr(found, "last_response", None), "request_id", "") or "")


def _headers(wrong: stripe.StripeError) -> dict[str, str]:
    return {str(key).lower(): str(value) for key, value in (wrong.headers or {}).items()}


def _retry_after(wrong: stripe.StripeError) -> float | None:
    try:
        return float(_headers(wrong)["retry-after"])
    except (KeyError, ValueError):
        return None


def translated(wrong: stripe.StripeError) -> PeakopsError:
    """The error to raise for one of the SDK's; a 403 names the permission that is missing."""
    said = (wrong.user_message or "").strip()
    kind, code, says, hint = _meaning(wrong, said)
    error = kind(says, code=code, hint=hint, source="stripe", request_id=wrong.request_id or "")
    if isinstance(error, RateLimited):
        error.retry_after_s = _retry_after(wrong)
    return error


def _meaning(wrong: stripe.StripeError, said: str) -> tuple[type[PeakopsError], str, str, str]:
    status = wrong.http_status or 0
    match wrong:
        case stripe.AuthenticationError():
            return Unauthenticated, "stripe.invalid_key", "Stripe does not accept the API key.", _KEY
        case stripe.PermissionError():
            permission = re.search(r"rak_\w+", said)
            named = f"the permission {permission[0]}" if permission else "a permission"
            return Denied, "stripe.permission_denied", f"The Stripe key lacks {named}.", _RIGHTS
        case stripe.RateLimitError():
            return RateLimited, "stripe.rate_limited", "Stripe still answers 429 after waiting.", _LATER
        case stripe.InvalidRequestError() if wrong.code == "resource_missing":
            return NotFound, "stripe.not_found", said, ""
        case stripe.APIConnectionError() if re.search(r"[Tt]imed? ?out", str(wrong)):
            return TimedOut, "stripe.timeout", "Stripe did not answer in time.", _STATUS_PAGE
        case stripe.APIConnectionError():
            return Unreachable, "stripe.unreachable", "Stripe could not be reached.", _STATUS_PAGE
    if status < 300:
        return Unreachable, "stripe.unreadable", f"Stripe's answer is not JSON (HTTP {status}).", _STATUS_PAGE
    if status >= 500:
        return Unreachable, "stripe.failed", f"Stripe failed with HTTP {status}.", _STATUS_PAGE
    return Unreachable, "stripe.refused", f"Stripe refused a request (HTTP {status}): {said}", _STATUS_PAGE


_KEY = "Check PEAKOPS_STRIPE_API_KEY; a key that expired or was rolled is made anew in Stripe's dashboard."
_RIGHTS = "Add it to the restricted key in Stripe's dashboard (Developers, API keys)."
_LATER = "Run it again in a minute."
_STATUS_PAGE = "Look at https://status.stripe.com, then run it again."
