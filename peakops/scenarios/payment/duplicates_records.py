"""The payments rows beside Stripe's charges: which row is of which charge, and which charge has too many. Pure."""

from collections.abc import Sequence

from peakops.scenario import Facts, Row
from peakops.scenarios.payment.money import captured, hanging, recorded_paid, total


def attempts(facts: Facts) -> list[Row]:
    """Every charge, newest first, and those that only their PaymentIntent tells of."""
    listed = hanging(facts, "charges")
    known = {each["id"] for each in listed}
    return [*listed, *(each for each in captured(facts) if each["id"] not in known)]


def by_charge(facts: Facts, rows: Sequence[Row]) -> dict[str | None, list[Row]]:
    """
    Payments rows by the id of their charge; None has those of which Stripe shows no charge.

    A row is of the charge that it names, else of its PaymentIntent's: the captured one, else the newest.
    """
    taken = {each["id"] for each in captured(facts)}
    charges = sorted(attempts(facts), key=lambda each: each["id"] not in taken)
    found: dict[str | None, list[Row]] = {}
    for row in rows:
        intent = row["stripe_payment_intent_id"]
        named = [each["id"] for each in charges if each["id"] == row["stripe_charge_id"]]
        same = [each["id"] for each in charges if intent is not None and each["payment_intent"] == intent]
        found.setdefault(next(iter((*named, *same)), None), []).append(row)
    return found


def recording(facts: Facts, charge: Row) -> list[Row]:
    """The payments rows that say this charge's money came in."""
    return by_charge(facts, recorded_paid(facts)).get(charge["id"], [])


def named_in_vain(facts: Facts) -> list[Row]:
    """The rows that name a charge or PaymentIntent of which Stripe shows nothing."""
    loose = by_charge(facts, recorded_paid(facts)).get(None, [])
    return [each for each in loose if each["stripe_charge_id"] or each["stripe_payment_intent_id"]]


def recorded_twice(facts: Facts) -> list[tuple[Row, list[Row]]]:
    """The charges of which several rows say more than was captured, each with its rows."""
    found = by_charge(facts, recorded_paid(facts))
    pairs = [(each, found.get(each["id"], [])) for each in attempts(facts)]
    return [(each, rows) for each, rows in pairs if len(rows) > 1 and total(rows, "amount") > each["amount_captured"]]


def beyond_stripe(facts: Facts) -> list[Row]:
    """The rows without a charge, where all rows together say more than is due and more than Stripe took."""
    rows = recorded_paid(facts)
    most = max(facts["invoice"]["amount_due"], total(captured(facts), "amount_captured"))
    loose = by_charge(facts, rows).get(None, [])
    return loose if len(rows) > 1 and total(rows, "amount") > most else []


def by_hand(facts: Facts, rows: Sequence[Row]) -> list[Row]:
    """Those of the rows that a user entered; a row of the portal's own names no user. Raises Missing."""
    entered = {each["id"] for each in facts["entered"]}
    return [each for each in rows if each["id"] in entered]
