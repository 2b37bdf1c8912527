"""
Books of a practice, made up: invoices, payments, and Stripe's side of them, with faults planted in known places.

It knows the schema of worlds (`portal/worlds.md`) and nothing of peakops: what is planted is what the playbook says of
such a case, so that it can hold the detector to it.
"""

import random
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
CURRENCIES = ("usd", "usd", "usd", "usd", "eur", "jpy")
PRACTICES = 50
DECLINES = ("insufficient_funds", "do_not_honor", "expired_card", "generic_decline")
FIRST_NUMBER = 100_000


@dataclass
class Books:
    """A world document in the making, and what is wrong in it."""

    chance: random.Random
    span: timedelta
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    stripe: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    planted: dict[str, str] = field(default_factory=dict)
    """What is wrong, by invoice number, or by charge where no invoice belongs to it."""

    def row(self, table: str, **columns: Any) -> dict[str, Any]:
        self.tables.setdefault(table, []).append(columns)
        return columns

    def object(self, kind: str, prefix: str, **fields: Any) -> dict[str, Any]:
        made = {"id": f"{prefix}_{self.chance.getrandbits(96):024x}", **fields}
        self.stripe.setdefault(kind, []).append(made)
        return made

    def world(self, name: str) -> dict[str, Any]:
        """The document that `peakops sandbox load` takes; the order of rows and objects says nothing."""
        for rows in (*self.tables.values(), *self.stripe.values()):
            self.chance.shuffle(rows)
        says = f"{len(self.tables['invoices'])} invoices, {len(self.planted)} of them or of their charges with a fault."
        return {"world": name, "says": says, "now": at(NOW), "tables": self.tables, "stripe": self.stripe}


@dataclass
class Case:
    """One invoice and how it is paid."""

    books: Books
    number: int
    made: datetime
    due: int
    currency: str
    practice: int

    def __post_init__(self) -> None:
        self.name = f"INV-{self.number}"
        self.invoice = self.books.row(
            "invoices",
            id=str(uuid.UUID(int=self.books.chance.getrandbits(128), version=4)),
            invoice_number=self.name,
            practice_id=practice_id(self.practice),
            amount_due=self.due,
            currency=self.currency,
            status="open",
            stripe_customer_id=f"cus_{self.practice}",
            created_at=at(self.made),
        )

        self.pays_at = self.made + timedelta(hours=self.books.chance.uniform(0.1, 20))

    def later(self, low_h: float = 0.1, high_h: float = 20.0) -> datetime:
        """A moment after the invoice, and not after now."""
        age_h = (NOW - self.made).total_seconds() / 3600
        high_h = min(high_h, age_h)
        return self.made + timedelta(hours=self.books.chance.uniform(min(low_h, high_h), high_h))

    def intent(self, status: str, when: datetime, *, stored: bool = True, **fields: Any) -> dict[str, Any]:
        base = {"status": status, "amount": self.due, "currency": self.currency, "customer": f"cus_{self.practice}"}
        named = {"metadata": {"invoice_number": self.name}, "created": unix(when)}
        made = self.books.object("payment_intents", "pi", **base, **named, **fields)
        if stored:
            self.invoice["stripe_payment_intent_id"] = made["id"]
        return made

    def charge(self, intent: dict[str, Any], when: datetime, **fields: Any) -> dict[str, Any]:
        base = {"payment_intent": intent["id"], "amount": intent["amount"], "currency": intent["currency"]}
        made = self.books.object("charges", "ch", **{**base, "created": unix(when), **fields})
        intent["latest_charge"] = made["id"]
        return made

    def decline(self, intent: dict[str, Any], when: datetime) -> None:
        reason = self.books.chance.choice(DECLINES)
        outcome = {"type": "issuer_declined", "reason": reason}
        self.charge(intent, when, status="failed", failure_code="card_declined", outcome=outcome)

    def take(self, *, stored: bool = True, **fields: Any) -> dict[str, Any]:
        """Stripe takes the money; a third of the customers needs two attempts."""
        when = self.pays_at if self.pays_at <= NOW else self.later()
        intent = self.intent("succeeded", min(when, self.later(0.01, 0.05)), stored=stored)
        if self.books.chance.random() < FAILED_FIRST:
            self.decline(intent, when - timedelta(seconds=self.books.chance.uniform(20, 120)))
        return self.charge(intent, when, **fields)

    def record(self, charge: dict[str, Any], **columns: Any) -> None:
        """The portal's row of a payment."""
        base = {"invoice_id": self.invoice["id"], "amount": charge["amount"], "currency": charge["currency"]}
        ids = {"stripe_payment_intent_id": charge["payment_intent"], "stripe_charge_id": charge["id"]}
        when = at(moment(charge["created"]) + timedelta(seconds=3))
        self.books.row("payments", **{**base, **ids, "status": "succeeded", "created_at": when, **columns})

    def pay(self, charge: dict[str, Any]) -> None:
        """The portal learns of it: row and invoice."""
        self.record(charge)
        self.invoice["status"] = "paid"
        self.invoice["paid_at"] = at(moment(charge["created"]))

    def refund(self, charge: dict[str, Any], amount: int, status: str = "succeeded") -> dict[str, Any]:
        when = moment(charge["created"]) + (NOW - moment(charge["created"])) / 2
        about = {"charge": charge["id"], "payment_intent": charge["payment_intent"], "currency": self.currency}
        return self.books.object("refunds", "re", amount=amount, status=status, created=unix(when), **about)

    def record_refund(self, refund: dict[str, Any]) -> None:
        ids = {"stripe_payment_intent_id": refund["payment_intent"], "stripe_charge_id": refund["charge"]}
        base = {"invoice_id": self.invoice["id"], "amount": refund["amount"], "currency": refund["currency"]}
        extra = {"status": "refunded", "stripe_refund_id": refund["id"], "created_at": at(moment(refund["created"]))}
        self.books.row("payments", **base, **ids, **extra)


FAILED_FIRST = 0.36


def sound(case: Case) -> None:
    """An invoice with nothing wrong in it."""
    kind = case.books.chance.choices(list(SOUND), [weight for weight, _ in SOUND.values()])[0]
    SOUND[kind][1](case)


def paid(case: Case) -> None:
    """Paid within a day, or still to be paid."""
    if case.pays_at > NOW:
        return
    case.pay(case.take())


def open_untried(case: Case) -> None:
    case.intent("requires_payment_method", case.later(0.01, 0.05))


def open_without_intent(case: Case) -> None:
    del case


def declined(case: Case) -> None:
    case.decline(case.intent("requires_payment_method", case.later(0.01, 0.05)), case.later())


def given_back(case: Case) -> None:
    charge = case.take()
    case.record(charge)
    case.record_refund(case.refund(charge, charge["amount"]))
    case.invoice["status"] = "refunded"


def partly_given_back(case: Case) -> None:
    charge = case.take()
    case.pay(charge)
    case.record_refund(case.refund(charge, max(1, charge["amount"] // 3)))


def void(case: Case) -> None:
    case.invoice["status"] = "void"


def nothing_due(case: Case) -> None:
    case.invoice.update(amount_due=0, status="paid", paid_at=at(case.made))


SOUND: dict[str, tuple[float, Callable[[Case], None]]] = {
    "paid": (90.0, paid),
    "open, tried never": (2.0, open_untried),
    "open, without a PaymentIntent": (1.0, open_without_intent),
    "declined": (3.0, declined),
    "given back": (1.5, given_back),
    "given back in part": (1.0, partly_given_back),
    "void": (1.0, void),
    "nothing due": (0.5, nothing_due),
}


def webhook_lost(case: Case) -> None:
    case.take(stored=case.books.chance.random() < 0.8)


def never_captured(case: Case) -> None:
    intent = case.intent("requires_payment_method", case.later(0.01, 0.05))
    case.decline(intent, case.later())
    case.invoice.update(status="paid", paid_at=at(case.later()))


def charged_again(case: Case) -> None:
    case.pay(case.take())
    again = case.take(stored=False)
    if case.books.chance.random() < 0.5:
        case.record(again)


def another_amount(case: Case) -> None:
    case.pay(case.take())
    case.invoice["amount_due"] = case.due + case.books.chance.randint(1, 500)


def another_currency(case: Case) -> None:
    case.pay(case.take())
    case.invoice["currency"] = "cad"


def charged_back(case: Case) -> None:
    charge = case.take(disputed=True)
    case.pay(charge)
    about = {"charge": charge["id"], "payment_intent": charge["payment_intent"], "amount": charge["amount"]}
    case.books.object("disputes", "dp", status="needs_response", created=unix(NOW - timedelta(minutes=5)), **about)


def refund_unknown_here(case: Case) -> None:
    charge = case.take()
    case.pay(charge)
    case.refund(charge, charge["amount"])


def refund_unknown_there(case: Case) -> None:
    charge = case.take()
    case.record(charge)
    when = at(case.later(20, 30))
    promise = {"status": "refunded", "stripe_refund_id": None, "created_at": when}
    case.record(charge, **promise)
    case.invoice["status"] = "refunded"


def part_unknown_here(case: Case) -> None:
    charge = case.take()
    case.pay(charge)
    case.refund(charge, max(1, charge["amount"] // 4))


def refund_bounced(case: Case) -> None:
    charge = case.take(amount_refunded=0)
    case.pay(charge)
    case.refund(charge, charge["amount"], "failed")


def recorded_again(case: Case) -> None:
    charge = case.take()
    case.pay(charge)
    case.record(charge, created_at=at(moment(charge["created"]) + timedelta(seconds=40)))


def nobodys(case: Case) -> None:
    """A charge that no invoice knows of, made beside an invoice that is sound."""
    paid(case)
    when = case.later()
    base = {"amount": case.due, "currency": case.currency, "customer": f"cus_{case.practice}"}
    intent = case.books.object("payment_intents", "pi", status="succeeded", created=unix(when), **base)
    charge = case.charge(intent, when)
    case.books.planted[charge["id"]] = "charge_without_invoice"


FAULTS: dict[str, Callable[[Case], None]] = {
    "paid_not_recorded": webhook_lost,
    "recorded_not_paid": never_captured,
    "paid_twice": charged_again,
    "amount_mismatch": another_amount,
    "currency_mismatch": another_currency,
    "disputed": charged_back,
    "refunded_not_recorded": refund_unknown_here,
    "refund_not_made": refund_unknown_there,
    "partly_refunded_not_recorded": part_unknown_here,
    "refund_failed": refund_bounced,
    "double_record": recorded_again,
    "charge_without_invoice": nobodys,
}
"""By what the playbook calls it: how it comes about."""


def make(invoices: int, faults: int, *, seed: int, span: timedelta = timedelta(days=6)) -> Books:
    """Books with this many invoices, made in the `span` before now, and this many faults, of every kind in turn."""
    books = Books(random.Random(seed), span)
    for number in range(PRACTICES):
        books.row("practices", id=practice_id(number), name=f"Practice {number}", stripe_customer_id=f"cus_{number}")
        books.stripe.setdefault("customers", []).append({"id": f"cus_{number}"})
    wrong = set(books.chance.sample(range(invoices), faults))
    kinds = kinds_in_turn()
    for number in range(invoices):
        case = Case(
            books,
            FIRST_NUMBER + number,
            NOW - span * books.chance.random(),
            books.chance.randint(400, 90_000),
            books.chance.choice(CURRENCIES),
            books.chance.randrange(PRACTICES),
        )
        kind = next(kinds) if number in wrong else None
        if kind is None:
            sound(case)
            continue
        FAULTS[kind](case)
        if kind != "charge_without_invoice":
            books.planted[case.name] = kind
    return books


def kinds_in_turn() -> Iterator[str]:
    while True:
        yield from FAULTS


def practice_id(number: int) -> str:
    return str(uuid.UUID(int=number + 1))


def at(when: datetime) -> str:
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z")


def unix(when: datetime) -> int:
    return int(when.timestamp())


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
