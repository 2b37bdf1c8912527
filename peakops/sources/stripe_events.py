"""Stripe's events: those of one payment, and those of a stretch of time. Stripe cannot list them by object."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from peakops.model import Brought
from peakops.sources.stripe_calls import PAGE, Calls, Page
from peakops.sources.stripe_fields import EVENT_FIELDS, row
from peakops.sources.stripe_rows import brought, newest_first, unix
from peakops.sources.threads import at_once

EVENT_TYPES = (
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.processing",
    "payment_intent.requires_action",
    "payment_intent.amount_capturable_updated",
    "payment_intent.canceled",
    "charge.succeeded",
    "charge.failed",
    "charge.captured",
    "charge.refunded",
    "charge.dispute.created",
    "charge.dispute.closed",
    "refund.created",
    "refund.updated",
    "refund.failed",
)
"""What moves money; Stripe takes at most 20 types in one list."""
HISTORY_TYPES = (
    *EVENT_TYPES,
    *("payment_intent.created", "charge.pending", "charge.expired"),
    *("checkout.session.completed", "checkout.session.async_payment_succeeded"),
)
"""What a payment's time line shows: all that moves money, and how it began."""
FAMILIES = ("payment_intent.*", "charge.*", "refund.*", "checkout.session.*", "invoice.*")
"""The types that the portal is told of a payment by."""
EVENT_DAYS = 30
"""Stripe forgets events after 30 days."""
EVENT_MARGIN = timedelta(minutes=15)
"""How long after a charge its events are made; the answer of a card is a matter of seconds."""
LATE_SUCCESS = timedelta(days=8)
"""A bank debit answers, and a hold is captured, up to seven days after its charge was made."""
STRETCHES = 10
"""How many stretches of time are listed at once for one payment; each may be a page or more."""
FAMILY_PAGES = 20
"""Of each family of types in a stretch of time: 2,000 events, one page after another."""


class Events:
    """The looks at Stripe's events; each brings rows, newest first."""

    def __init__(self, calls: Calls, now: datetime) -> None:
        self._calls, self._now = calls, now
        self._oldest = now - timedelta(days=EVENT_DAYS)

    def around(self, intents: Sequence[str], moments: Sequence[datetime]) -> Brought:
        """The events of these PaymentIntents: those not delivered, and those made at the given moments."""
        listed = partial(self._calls.listing, "events", types=EVENT_TYPES)
        ways = [partial(listed, delivery_success=False, created={"gte": unix(self._oldest)})]
        for moment in moments:
            soon, late = moment + EVENT_MARGIN, moment + LATE_SUCCESS
            if soon > self._oldest:
                ways.append(partial(listed, created=_window(max(moment - EVENT_MARGIN, self._oldest), soon)))
            if late > self._oldest:
                # One page of it: more would cost every check of an old invoice many requests, one after another.
                ways.append(partial(listed, created=_window(max(soon, self._oldest), late), most=1))
        pages = at_once(ways)
        asked = "GET /v1/events: not delivered, and around the attempts"
        return brought(pages, [row(each, EVENT_FIELDS) for each in _of(pages, intents)], asked)

    def history(self, objects: Sequence[str], moments: Sequence[datetime]) -> Brought:
        """
        The events of these objects and of what hangs on them, as far as Stripe keeps them, with their `age_s`.

        Read are those not delivered, those around the given moments, and the newest since the first moment.
        """
        listed = partial(self._calls.listing, "events", types=HISTORY_TYPES)
        ways = [partial(listed, delivery_success=False, created={"gte": unix(self._oldest)})]
        stretches = self._stretches(moments)
        ways += [partial(listed, created=_window(*each)) for each in stretches[-STRETCHES:]]
        if stretches:
            ways.append(partial(listed, created=_window(stretches[0][0], self._now)))
        pages = at_once(ways)
        asked = "GET /v1/events: not delivered, around the payment's moments, and since the first"
        few = (f"Of {len(stretches)} moments only the last {STRETCHES} were asked about.",)
        notes = few if len(stretches) > STRETCHES else ()
        return brought(pages, self._aged(_of(pages, objects)), asked, notes=notes)

    def _stretches(self, moments: Sequence[datetime]) -> list[tuple[datetime, datetime]]:
        """The time around each moment that Stripe still keeps; what overlaps is one stretch."""
        stretches: list[tuple[datetime, datetime]] = []
        for moment in sorted(moments):
            start, end = max(moment - EVENT_MARGIN, self._oldest), moment + EVENT_MARGIN
            if end <= self._oldest:
                continue
            if stretches and start <= stretches[-1][1]:
                start, _ = stretches.pop()
            stretches.append((start, end))
        return stretches

    def these(self, ids: Sequence[str]) -> Brought:
        """The events with these ids, as far as Stripe has them in the key's mode, with their `age_s`."""
        pages = at_once([partial(self._calls.maybe, "events", each) for each in ids])
        bodies = newest_first(each for page in pages for each in page.items)
        return brought(pages, self._aged(bodies), "GET /v1/events/ID")

    def within(self, since: datetime, until: datetime) -> Brought:
        """
        The events of a stretch of time about payments, with their `age_s`: every family of types at once.

        Those not delivered are listed apart, so that a long list of the others hides none of them.
        """
        listed = partial(self._calls.listing, "events", most=FAMILY_PAGES, created=_window(since, until))
        every = [partial(listed, type=each) for each in FAMILIES]
        pages = at_once([*every, *(partial(each, delivery_success=False) for each in every)])
        bodies = newest_first({each["id"]: each for page in pages for each in page.items}.values())
        cut = dict.fromkeys(family for family, page in zip(2 * FAMILIES, pages, strict=True) if page.cut)
        notes = [f"Only the newest {FAMILY_PAGES * PAGE} events {each} were read." for each in cut]
        if since < self._oldest:
            notes.insert(0, f"Stripe keeps events for 30 days: before {self._oldest:%Y-%m-%d %H:%M} UTC it has none.")
        ids = tuple(each for page in pages for each in page.request_ids if each)
        asked = f"GET /v1/events: {', '.join(FAMILIES)}"
        return Brought(rows=tuple(self._aged(bodies)), asked=asked, request_ids=ids, notes=tuple(notes))

    def _aged(self, bodies: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{**row(each, EVENT_FIELDS), "age_s": unix(self._now) - each["created"]} for each in bodies]


def _of(pages: Sequence[Page], objects: Sequence[str]) -> list[dict[str, Any]]:
    ours = {each["id"]: each for page in pages for each in page.items if _about(each, objects)}
    return newest_first(ours.values())


def _about(event: dict[str, Any], objects: Sequence[str]) -> bool:
    """Whether an event is about one of the objects, or about something that hangs on one."""
    about = event["data"].get("object") if isinstance(event["data"], dict) else None
    if not isinstance(about, dict):
        return about in objects
    named = (about.get("id"), _id(about.get("payment_intent")), _id(about.get("charge")))
    return any(each is not None and each in objects for each in named)


def _id(value: Any) -> Any:
    """The id of an object that may be expanded."""
    return value.get("id") if isinstance(value, dict) else value


def _window(start: datetime, end: datetime) -> dict[str, int]:
    return {"gte": unix(start), "lte": unix(end)}
