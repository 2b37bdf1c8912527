"""
The subjects of `payment reconcile`: every invoice of a window with all that `payment check` would look at, and what
Stripe has that belongs to no invoice.

Stripe's lists and the portal's invoices both come newest first, so that an invoice is complete as soon as the lists
have passed the moment that it was made: what pays for it is younger.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from peakops.errors import PeakopsError
from peakops.model import Brought
from peakops.scenario import Row
from peakops.scenarios.payment.looks import HANGING, INTENT
from peakops.scenarios.payment.reconcile_books import Books, number_of
from peakops.scenarios.payment.reconcile_gaps import missing, with_silence
from peakops.scenarios.payment.reconcile_rows import alone, referenced, split

Stream = Callable[[str, str, dict[str, Any]], Iterator[Any]]
"""A source's call whose answer comes bit by bit: stream("database", "stream", {"query": …})."""
Read = Callable[[str, str, dict[str, Any]], Brought]

MARGIN = timedelta(days=1)
"""How much further back Stripe is read than the portal: an invoice may be younger than its PaymentIntent."""
LEAD = timedelta(minutes=15)
"""How much older than its invoice a payment may be that the portal does not record."""
MOST_ASKED = 100
"""PaymentIntents that no list brought and that are asked for by their id: there are few, or something is wrong."""
MOST_BATCHES = 10
LEAST_IN_BATCH = 5000
"""Ids that are looked up in the portal by one statement; with many more of them the batches grow, not their number."""
LOOKS = ("invoice", "payments", "intent", *HANGING, "siblings", *(f"sibling_{name}" for name in HANGING))
"""What is known of an invoice: the looks of `payment check` that its verdict rests on."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One thing that gets a verdict: an invoice, or what belongs to none."""

    at: datetime
    """What puts it into the window."""
    looks: Mapping[str, Any]
    """The answers of LOOKS, an error for one that was not had; empty for what belongs to no invoice."""
    outside: tuple[str, ...] = ()
    """What the portal names that lies outside of what was read of Stripe."""
    aged: bool = False
    """The invoice is older than what was read, so that nothing can be concluded from what is not there."""
    name: str = ""
    """What a command finds the invoice by: its number, or its id where another's number differs only in its case."""
    shared: frozenset[str] = frozenset()
    """Those of its PaymentIntents and charges that another invoice names too."""
    owner: str = ""
    intent: Row | None = None
    charges: tuple[Row, ...] = ()
    disputes: tuple[Row, ...] = ()
    known: bool = False
    """The portal has the invoice that the PaymentIntent's metadata name."""
    doubted: bool = False
    """A list that would tell whose it is, or what was taken, has failed."""


@dataclass
class _Run:
    """What one run knows while it goes."""

    stream: Stream
    since: datetime
    until: datetime
    books: Books
    late: list[tuple[Row, list[Row]]] = field(default_factory=list)
    """Invoices that name what the lists have not brought yet."""
    shared: dict[str, Any] = field(default_factory=dict)
    """Ids that several invoices name, and charges that are recorded by their id alone, with their one invoice."""
    twins: frozenset[str] = frozenset()
    """Invoice numbers that several invoices have."""

    @property
    def start(self) -> datetime:
        return self.since - MARGIN

    def is_twin(self, invoice: Row) -> bool:
        return number_of(invoice["invoice_number"]) in self.twins

    def is_shared(self, id: str, invoice: Row) -> bool:
        return bool(self.shared.get(id, invoice["id"]) != invoice["id"])

    def rows(self, query: str, **params: Any) -> Iterator[Row]:
        return self.stream("database", "stream", {"query": query, **params})

    def invoices(self, query: str, **params: Any) -> Iterator[tuple[Row, list[Row]]]:
        """Each invoice with its payments, from the rows of their join."""
        rows = self.rows(query, since=self.since, until=self.until, **params)
        for _, group in groupby(rows, key=lambda row: row["id"]):
            yield split(list(group))


def subjects(
    stream: Stream,
    read: Read,
    since: datetime,
    until: datetime,
    now: datetime,
    silent: dict[str, PeakopsError] | None = None,
) -> Iterator[Subject]:
    """
    Every subject once, as soon as it is complete. Raises PeakopsError where nothing more can be known.

    A list of Stripe's that fails is silence in the looks of the invoices that follow, and named in `silent`;
    the portal's failure ends it.
    """
    window = {"since": since - MARGIN, "until": max(until, now)}
    with closing(stream("stripe_windows", "stream", window)) as batches:  # type: ignore[type-var]  # it is a generator
        run = _Run(stream, since, until, Books(()))
        for row in run.rows("payment/reconcile_shared"):
            run.shared[row["id"]] = None if row["id"] in run.shared else row["invoice_id"]
        run.twins = frozenset(row["number"] for row in run.rows("payment/reconcile_numbers"))
        run.books = Books(run.shared, silent)
        invoices = run.invoices("payment/reconcile_invoices")
        following = next(invoices, None)
        for batch in batches:
            run.books.hold(batch)
            _all_silent(run.books)
            while following and batch.down_to and batch.down_to <= following[0]["created_at"] - LEAD:
                yield from _complete(run, *following, batch.down_to)
                following = next(invoices, None)
    while following:
        yield from _complete(run, *following)
        following = next(invoices, None)
    _ask_for_missing(run, read)
    for each in run.late:
        yield _subject(run, *each)
    yield from _unclaimed(run)


def _ask_for_missing(run: _Run, read: Read) -> None:
    """What the portal names and no list has brought may not exist, or in the other mode: Stripe is asked by its id."""
    named = dict.fromkeys(each for late in run.late for each in referenced(*late))
    missing = [each for each in named if run.books.intent(each) is None]
    for id in missing[:MOST_ASKED] if "payment_intents" not in run.books.silent else ():
        try:
            (row,) = read("stripe", "intent", {"id": id, "customer": None, "number": None, "since": None}).rows
        except PeakopsError:
            continue
        if row["status"] is None:
            run.books.gone[id] = row


def _all_silent(books: Books) -> None:
    """Where no list can be read, nothing can be said of any invoice. Raises the first list's error."""
    if len(books.silent) == len(HANGING) + 1:
        raise next(iter(books.silent.values()))


def _complete(run: _Run, invoice: Row, payments: list[Row], down_to: datetime | None = None) -> Iterator[Subject]:
    """The invoice, unless it names something that the lists, or after them Stripe itself, may still bring."""
    held = [run.books.intent(each) for each in referenced(invoice, payments)]
    ready = all(each and (down_to is None or each["created"] >= down_to) for each in held)
    if (ready or "payment_intents" in run.books.silent) and all(map(run.books.has_charge, alone(payments))):
        yield _subject(run, invoice, payments)
    else:
        run.late.append((invoice, payments))


def _subject(run: _Run, invoice: Row, payments: list[Row]) -> Subject:
    """An invoice with the answers that `payment check` would get, from what is held; it is claimed by that."""
    books, stored = run.books, invoice[INTENT]
    ids, lone = referenced(invoice, payments), alone(payments)
    named = books.named(invoice["invoice_number"])
    known = {each["id"]: each for each in (*filter(None, map(books.intent, ids)), *named)}
    # As Stripe's source chooses where the invoice names none: one that succeeded, then the newest.
    best = max(named, key=lambda each: (each["status"] == "succeeded", each["created"]), default=None)
    main = (known.get(stored) or books.gone.get(stored)) if stored else best
    others = [each for each in known.values() if main is None or each["id"] != main["id"]]
    looks: dict[str, Any] = {
        "invoice": invoice,
        "payments": payments,
        "intent": {"mode": None, **main, "found_by": "stored id" if stored else "metadata"} if main else None,
        "siblings": others,
    }
    # A PaymentIntent that could not be read is known by its id still, and what hangs on it can be.
    blind = "payment_intents" in books.silent
    owner = main["id"] if main else stored if blind else None
    owners = [each for each in ids if each != stored] if blind else [each["id"] for each in others]
    for name in HANGING:
        looks[name] = books.hanging(name, [owner] if owner else [])
        looks[f"sibling_{name}"] = books.hanging(name, owners, lone)
    absent = missing(books, ids, lone, known)
    paid = (*ids, *(each["id"] for key in ("charges", "sibling_charges") for each in looks[key]))
    moments = (invoice["created_at"], invoice["paid_at"], *(each["created_at"] for each in payments))
    books.claim(
        invoice["invoice_number"],
        [each for each in ids if each in known or blind],
        [each["id"] for each in named if each["id"] not in ids],
        lone,
    )
    return Subject(
        at=max((each for each in moments if each and run.since <= each <= run.until), default=run.since),
        looks=with_silence(looks, books, absent, stored),
        outside=tuple(absent),
        name=str(invoice["id"]) if run.is_twin(invoice) else invoice["invoice_number"],
        shared=frozenset(each for each in paid if run.is_shared(each, invoice)),
        aged=invoice["created_at"] < run.start + LEAD,
    )


def _unclaimed(run: _Run) -> Iterator[Subject]:
    """The invoices outside of the window that what is left belongs to, and then what belongs to none."""
    ids: list[str] = []
    numbers: list[str] = []
    for owner, intent, charges in run.books.unclaimed(run.since, run.until):
        ids += (owner, *(each["id"] for each in charges))
        numbers += [number_of(each["metadata_invoice_number"]) for each in (intent,) if each and _names(each)]
    size = max(LEAST_IN_BATCH, -(-len(ids) // MOST_BATCHES))
    for start in range(0, len(ids), size):
        part = {"ids": ids[start : start + size], "numbers": numbers if start == 0 else []}
        for invoice, payments in run.invoices("payment/reconcile_elsewhere", **part):
            if run.books.unseen(invoice["id"]):
                yield _subject(run, invoice, payments)
    for owner, intent, charges in run.books.unclaimed(run.since, run.until):
        at = max((each["created"] for each in charges), default=run.since)
        yield Subject(
            at=at,
            looks={},
            owner=owner,
            intent=intent,
            charges=tuple(charges),
            disputes=tuple(run.books.hanging("disputes", [owner])),
            known=bool(intent and _names(intent) and run.books.has_judged(intent["metadata_invoice_number"])),
            doubted=bool(run.books.silent.keys() & {"payment_intents", "charges"}),
        )


def _names(intent: Row) -> bool:
    return bool(intent["metadata_invoice_number"])
