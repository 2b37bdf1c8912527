"""Both sides' books of one run: Stripe's objects as they come in, until the invoice that they belong to comes. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from peakops.errors import PeakopsError
from peakops.model import Batch
from peakops.scenario import Row
from peakops.scenarios.payment.looks import HANGING

Held = tuple[Any, ...]
"""The values of a row: a sixth of what the row itself takes."""
ID = 0
"""Where a row's id is: every table of fields begins with it."""
OUTSIDE = "stripe.outside_window"


class Books:
    """What is held of Stripe; `shared` are the ids that several invoices name, which are kept for all of them."""

    def __init__(self, shared: Iterable[str], silent: dict[str, PeakopsError] | None = None) -> None:
        self._shared = frozenset(shared)
        self._fields: dict[str, tuple[str, ...]] = {}
        self._intents: dict[str, Held] = {}
        self._named: dict[str, list[str]] = {}
        self._hanging: dict[str, dict[str, tuple[Held, ...]]] = {name: {} for name in HANGING}
        self._owner: dict[str, str] = {}
        self._claimed: set[str] = set()
        self._looked_up: set[Any] = set()
        self.gone: dict[str, Row] = {}
        """PaymentIntents that Stripe says it does not have, or has in the other mode."""
        self._judged: set[str] = set()
        self.silent: dict[str, PeakopsError] = {} if silent is None else silent
        """The lists that failed, with why."""

    def hold(self, batch: Batch) -> None:
        """Take in a batch; a list that has failed is as if nothing of it were known, since a part proves nothing."""
        if batch.error:
            assert isinstance(batch.error, PeakopsError), "a source raises nothing else"
            self.silent[batch.name] = batch.error
        for row in batch.rows:
            self._fields.setdefault(batch.name, tuple(row))
            if batch.name == "payment_intents":
                self._hold_intent(row)
            else:
                owner = row["payment_intent"] or row.get("charge") or row["id"]
                others = self._hanging[batch.name].get(owner, ())
                held = (*(each for each in others if each[ID] != row["id"]), tuple(row.values()))
                self._hanging[batch.name][owner] = held
                if batch.name == "charges":
                    self._owner[row["id"]] = owner

    def _hold_intent(self, row: Row) -> None:
        if row["id"] not in self._intents and row["metadata_invoice_number"]:
            self._named.setdefault(number_of(row["metadata_invoice_number"]), []).append(row["id"])
        self._intents[row["id"]] = tuple(row.values())

    def intent(self, id: str) -> Row | None:
        """A PaymentIntent, where it is held."""
        held = self._intents.get(id)
        return self._row("payment_intents", held) if held else None

    def named(self, number: str) -> list[Row]:
        """The PaymentIntents whose metadata name this invoice."""
        held = (self.intent(each) for each in self._named.get(number_of(number), ()))
        return [each for each in held if each]

    def hanging(self, name: str, owners: Iterable[str], charges: Sequence[str] = ()) -> list[Row]:
        """What hangs on these PaymentIntents, or on these charges whatever they hang on, newest first."""
        beside = dict.fromkeys(self._owner.get(each, each) for each in charges)
        mine = {each[ID]: each for owner in owners for each in self._hanging[name].get(owner, ())}
        more = [each for owner in beside for each in self._hanging[name].get(owner, ()) if each[ID] not in mine]
        rows = [self._row(name, each) for each in mine.values()]
        key = "id" if name == "charges" else "charge"
        rows += [each for each in (self._row(name, held) for held in more) if each[key] in charges]
        return sorted(rows, key=lambda each: each["created"], reverse=True)

    def has_charge(self, id: str) -> bool:
        """Whether a charge is held."""
        return id in self._owner

    def _row(self, name: str, held: Held) -> Row:
        return dict(zip(self._fields[name], held, strict=True))

    def claim(self, number: str, by_reference: Iterable[str], by_name: Iterable[str], charges: Iterable[str]) -> None:
        """
        These belong to an invoice: they are nobody else's, and let go where no other one can ask for them.

        One that is named by metadata alone, or whose metadata name another invoice, may be asked for again.
        """
        self._judged.add(number_of(number))
        self._claimed |= {*by_name, *(self._owner.get(each, each) for each in charges)}
        for id in by_reference:
            held = self.intent(id)
            named = number_of(held["metadata_invoice_number"] or number) if held else number_of(number)
            group = [each[ID] for each in self._hanging["charges"].get(id, ())]
            if named != number_of(number) or self._shared & {id, *group}:
                self._claimed.add(id)
                continue
            self._intents.pop(id, None)
            if id in self._named.get(named, ()):
                self._named[named].remove(id)
            for each in group:
                self._owner.pop(each, None)
            for name in HANGING:
                self._hanging[name].pop(id, None)

    def has_judged(self, number: str) -> bool:
        """Whether an invoice of this number has claimed what is its own."""
        return number_of(number) in self._judged

    def unseen(self, invoice: Any) -> bool:
        """Whether an invoice was not looked up before, by another of its objects."""
        seen = invoice in self._looked_up
        self._looked_up.add(invoice)
        return not seen

    def unclaimed(self, since: datetime, until: datetime) -> Iterator[tuple[str, Row | None, list[Row]]]:
        """What was made in a window and belongs to no invoice: the owner's id, the PaymentIntent, and its charges."""
        owners = {owner for name in HANGING for owner in self._hanging[name]} | self._intents.keys()
        for owner in sorted(owners - self._claimed):
            rows = [row for name in HANGING for row in self.hanging(name, [owner])]
            if any(since <= row["created"] <= until for row in rows):
                yield owner, self.intent(owner), self.hanging("charges", [owner])


def number_of(text: str) -> str:
    """An invoice number, however it is spelt."""
    return str(text).strip().upper()
