"""Stripe, read only: PaymentIntents and all that hangs on them, as plain rows with the fields we chose."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from peakops.errors import NotFound, PeakopsError
from peakops.model import Brought
from peakops.sources.stripe_calls import Calls, Page
from peakops.sources.stripe_events import Events
from peakops.sources.stripe_fields import (
    CHARGE_FIELDS,
    CUSTOMER_FIELDS,
    DISPUTE_FIELDS,
    ENDPOINT_FIELDS,
    INTENT_FIELDS,
    REFUND_FIELDS,
    row,
)
from peakops.sources.stripe_rows import brought, newest_first, unix
from peakops.sources.threads import at_once

OLDER_INTENT = timedelta(days=90)
"""How much older than its invoice a PaymentIntent may be: an invoice is issued again under a new date."""
SEARCH_LAG = "Stripe's search can lag by a minute, in an outage by an hour."
SUBJECT_KINDS = {"pi_": "payment_intents", "ch_": "charges", "py_": "charges"}


class Stripe:
    """The looks at Stripe. Each returns rows; alternatives within a look are asked at once."""

    def __init__(self, key: str | None, *, url: str, now: datetime, deadline: float) -> None:
        self._calls = Calls(key, url=url, deadline=deadline)
        self._events = Events(self._calls, now)

    def pointer(self, *, subject: str) -> Brought:
        """What a pi_ or ch_ id says of its invoice, so that the portal can be asked for it."""
        service = SUBJECT_KINDS[subject[:3]]
        is_charge = service == "charges"
        page = self._calls.maybe(service, subject, expand=["payment_intent"] if is_charge else [])
        body = page.items[0] if page.items else {}
        intent = body.get("payment_intent") if is_charge else body
        whole_intent = intent if isinstance(intent, dict) else {"id": intent}
        row_of = {"intent": whole_intent.get("id"), "number": _number(body) or _number(whole_intent)}
        return brought([page], [row_of], f"GET /v1/{service}/{subject}", single=True)

    def customers(self, *, email: str) -> Brought:
        """The customers with this address; Stripe compares letters as they are, so two spellings are asked."""
        spellings = dict.fromkeys((email, email.lower()))
        pages = at_once([partial(self._calls.listing, "customers", email=each) for each in spellings])
        rows = {each["id"]: row(each, CUSTOMER_FIELDS) for page in pages for each in page.items}
        return brought(pages, list(rows.values()), "GET /v1/customers by email")

    def intent(self, *, id: str | None, customer: str | None, number: str | None, since: datetime | None) -> Brought:
        """
        The invoice's PaymentIntent, with `found_by`: stored id, else customer and metadata, else search.

        A stored id that Stripe does not have is a row too: `status` is None, and `mode` is the mode that the
        object lives in where Stripe says so.
        """
        if id:
            return self._stored(id)
        pages = at_once(self._ways(customer, number, since))
        names = ("customer and metadata", "search")[0 if customer else 1 :]
        found = [
            {**row(each, INTENT_FIELDS), "found_by": by, "mode": None}
            for by, page in zip(names, pages, strict=False)
            for each in page.items
            if _names(each, number)
        ]
        best = sorted(found, key=lambda each: (each["status"] == "succeeded", each["created"]), reverse=True)[:1]
        asked = f"GET /v1/payment_intents by {' and by '.join(names)}"
        return brought(pages, best, asked, single=True, notes=(SEARCH_LAG,) if number else ())

    def _ways(self, customer: str | None, number: str | None, since: datetime | None) -> list[Callable[[], Page]]:
        """The ways to an invoice's PaymentIntents without their ids: the customer's list, and search."""
        ways: list[Callable[[], Page]] = []
        if customer:
            filters: dict[str, Any] = {"customer": customer}
            if since:
                filters["created"] = {"gte": unix(since - OLDER_INTENT)}
            ways.append(lambda: self._calls.or_none(partial(self._calls.listing, "payment_intents", **filters)))
        if number:
            ways.append(partial(self._searched, number, alone=not customer))
        return ways

    def _searched(self, number: str, *, alone: bool) -> Page:
        """What search knows; not every account has it, so where the list is asked too a failure is only a note."""
        quoted = number.replace("\\", "\\\\").replace("'", "\\'")
        try:
            return self._calls.search("payment_intents", f"metadata['invoice_number']:'{quoted}'")
        except PeakopsError as wrong:
            if alone:
                raise
            return Page(notes=(f"Search was not available: {wrong.says}",))

    def _stored(self, id: str) -> Brought:
        asked = f"GET /v1/payment_intents/{id}"
        try:
            page = self._calls.one("payment_intents", id, expand=["latest_charge"])
        except NotFound as absent:
            mode = next((mode for mode in ("live", "test") if f"exists in {mode} mode" in absent.says), None)
            gone = {**row({"id": id}, INTENT_FIELDS), "found_by": "stored id", "mode": mode}
            return brought([Page(request_ids=(absent.request_id,))], [gone], asked, single=True, notes=(absent.says,))
        kept = {**row(page.body, INTENT_FIELDS), "found_by": "stored id", "mode": None}
        return brought([page], [kept], asked, single=True)

    def siblings(
        self, *, others: Sequence[str], customer: str | None, number: str | None, since: datetime | None
    ) -> Brought:
        """The PaymentIntents of this invoice besides the stored one: in its payments rows, or named so at Stripe."""
        recorded = [partial(self._calls.maybe, "payment_intents", each) for each in others]
        ways: list[Callable[[], Page]] = [*recorded, *self._ways(customer, number, since)]
        pages = at_once(ways)
        named = {
            each["id"]: row(each, INTENT_FIELDS)
            for page in pages
            for each in page.items
            if _names(each, number) or each["id"] in others
        }
        return brought(pages, list(named.values()), "GET /v1/payment_intents by customer, and by search")

    def charges(self, *, intents: Sequence[str], but: str | None = None, alone: Sequence[str] = ()) -> Brought:
        """
        Every attempt on these PaymentIntents, newest first: `last_payment_error` is wiped on update.

        `but` is a PaymentIntent that is asked for elsewhere; `alone` are charges that are known by their own id.
        """
        ways = [partial(self._calls.maybe, "charges", each) for each in alone]
        return self._hanging("charges", intents, but, ways, CHARGE_FIELDS)

    def refunds(self, *, intents: Sequence[str], but: str | None = None, alone: Sequence[str] = ()) -> Brought:
        """Every refund on these PaymentIntents and charges, newest first."""
        return self._hanging("refunds", intents, but, self._by_charge("refunds", alone), REFUND_FIELDS)

    def disputes(self, *, intents: Sequence[str], but: str | None = None, alone: Sequence[str] = ()) -> Brought:
        """Every dispute on these PaymentIntents and charges, newest first."""
        return self._hanging("disputes", intents, but, self._by_charge("disputes", alone), DISPUTE_FIELDS)

    def _by_charge(self, service: str, charges: Sequence[str]) -> list[Callable[[], Page]]:
        lists = [partial(self._calls.listing, service, charge=each) for each in charges]
        return [partial(self._calls.or_none, each) for each in lists]

    def _hanging(
        self,
        service: str,
        intents: Sequence[str],
        but: str | None,
        further: Sequence[Callable[[], Page]],
        fields: Sequence[str],
    ) -> Brought:
        by_intent = [partial(self._calls.listing, service, payment_intent=each) for each in intents if each != but]
        ways: list[Callable[[], Page]] = [*by_intent, *further]
        pages = at_once(ways)
        items = {each["id"]: each for page in pages for each in page.items}
        rows = [row(each, fields) for each in newest_first(items.values())]
        return brought(pages, rows, f"GET /v1/{service} by payment_intent")

    def events(self, *, intents: Sequence[str], moments: Sequence[datetime]) -> Brought:
        """Stripe's events of these PaymentIntents: those not delivered, and those made at the given moments."""
        return self._events.around(intents, moments)

    def history(self, *, objects: Sequence[str], moments: Sequence[datetime]) -> Brought:
        """Stripe's events of these objects for a time line, as far as it keeps them."""
        return self._events.history(objects, moments)

    def these_events(self, *, ids: Sequence[str]) -> Brought:
        """What Stripe has of these events."""
        return self._events.these(ids)

    def events_within(self, *, since: datetime, until: datetime) -> Brought:
        """Stripe's events about payments in a stretch of time, both ends included."""
        return self._events.within(since, until)

    def endpoints(self) -> Brought:
        """The webhook endpoints and whether they are enabled."""
        page = self._calls.listing("webhook_endpoints")
        return brought([page], [row(each, ENDPOINT_FIELDS) for each in page.items], "GET /v1/webhook_endpoints")


def _number(body: dict[str, Any]) -> str | None:
    """The invoice number that the portal wrote into an object's metadata."""
    metadata = body.get("metadata")
    number = metadata.get("invoice_number") if isinstance(metadata, dict) else None
    return str(number) if number else None


def _names(body: dict[str, Any], number: str | None) -> bool:
    """Whether an object's metadata names this invoice, however the number is spelt."""
    named = _number(body)
    return named is not None and number is not None and named.strip().upper() == number.strip().upper()
