"""Why an invoice was paid or recorded twice: a double click, a replayed webhook, or a second try. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from peakops.scenario import Facts, Row
from peakops.scenarios.payment.duplicates_money import kept_charge, surplus
from peakops.scenarios.payment.duplicates_records import by_hand, recording
from peakops.scenarios.payment.money import currency_of, names

CLICK = timedelta(minutes=2)
"""How near two charges of one card are when a form was sent twice: a slow page is given up after a minute or so."""
LATER = timedelta(hours=1)
"""How far apart two charges are when somebody came back to pay: a checkout that was left open is long closed."""
CARD = ("payment_method_details_card_brand", "payment_method_details_card_last4")


@dataclass(frozen=True, kw_only=True)
class Cause:
    """A likely cause, and what makes it likely."""

    code: str
    says: str


def cause_of(facts: Facts) -> Cause | None:
    """Why the invoice was charged twice; None where nothing tells. A silent look only feeds less of it."""
    kept, over = kept_charge(facts), surplus(facts)
    if kept is None or not over:
        return None
    nearest = min(over, key=lambda each: _apart(kept, each))
    card = _card(kept)
    if card and card == _card(nearest) and _alike(kept, nearest) and _apart(kept, nearest) <= CLICK:
        seconds = _apart(kept, nearest).seconds
        return Cause(code="double_click", says=f"Likely a double click: the same card ({card}), {seconds} s apart.")
    rows = [row for each in (kept, *over) for row in recording(facts, each)]
    entered = by_hand(facts, rows) if facts.known("entered") else []
    if entered:
        return Cause(
            code="staff_retry", says=f"Likely a retry by staff: a user entered the payments row {names(entered)}."
        )
    if _apart(kept, nearest) >= LATER:
        return Cause(code="paid_again", says="Likely paid again later: the attempts are an hour or more apart.")
    return None


def cause_of_rows(facts: Facts, rows: Sequence[Row], *, alone: bool) -> Cause | None:
    """Why a charge has several rows; with `alone` the rows have none, and no event of Stripe's made them."""
    if not facts.known("entered"):
        return None
    entered = by_hand(facts, rows)
    if entered:
        return Cause(code="staff_retry", says=f"A user entered {names(entered)}.")
    if alone:
        return None
    return Cause(code="replayed_webhook", says="No user entered them: the portal took Stripe's event twice.")


def _apart(one: Row, other: Row) -> timedelta:
    apart: timedelta = abs(one["created"] - other["created"])
    return apart


def _alike(one: Row, other: Row) -> bool:
    """Whether both charges took the same money: one form that was sent twice asks for the same."""
    return one["amount_captured"] == other["amount_captured"] and currency_of(one) == currency_of(other)


def _card(charge: Row) -> str | None:
    """The card as people know it: visa 4242; None where the charge is of another kind, or was not read."""
    brand, last4 = (charge.get(field) for field in CARD)
    return f"{brand} {last4}" if brand and last4 else None
