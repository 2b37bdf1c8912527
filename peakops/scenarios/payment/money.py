"""What the facts say of the money: captured, given back, held, disputed. Pure, and in minor units."""

from collections.abc import Mapping, Sequence

from peakops import playbook
from peakops.model import typed
from peakops.scenario import Facts, Row

NO_MINOR_UNITS = frozenset(
    [
        "bif",
        "clp",
        "djf",
        "gnf",
        "jpy",
        "kmf",
        "krw",
        "mga",
        "pyg",
        "rwf",
        "ugx",
        "vnd",
        "vuv",
        "xaf",
        "xof",
        "xpf",
    ]  # Stripe's zero-decimal currencies
)
THREE_DECIMALS = frozenset(["bhd", "jod", "kwd", "omr", "tnd"])
LIVE_REFUND = ("pending", "requires_action", "succeeded")
CLOSED_DISPUTE = ("won", "warning_closed", "prevented")
"""Disputes that cost nothing any more; every other status is open or lost."""


def amount(minor: int, currency: str) -> str:
    """Money for people: 12000, "usd" is 120.00 USD; a currency without minor units keeps its number."""
    unit = currency.lower()
    decimals = 0 if unit in NO_MINOR_UNITS else 3 if unit in THREE_DECIMALS else 2
    sign, digits = ("-" if minor < 0 else ""), str(abs(minor)).rjust(decimals + 1, "0")
    whole = digits if not decimals else f"{digits[:-decimals]}.{digits[-decimals:]}"
    return f"{sign}{whole} {currency.upper()}"


def intents(facts: Facts) -> list[Row]:
    """The invoice's PaymentIntents: the main one first, then its siblings where they are known."""
    main = facts["intent"]
    others = facts["siblings"] if facts.known("siblings") else []
    known: dict[str, Row] = {}
    for each in (main, *others):
        if each is not None and each["status"] is not None:
            known.setdefault(each["id"], each)
    return list(known.values())


def hanging(facts: Facts, name: str) -> list[Row]:
    """Charges, refunds or disputes: those of the main PaymentIntent, and of its siblings where they are known."""
    sibling = f"sibling_{name}"
    rows = {each["id"]: each for each in [*facts[name], *(facts[sibling] if facts.known(sibling) else [])]}
    return sorted(rows.values(), key=lambda each: each["created"], reverse=True)


def captured(facts: Facts) -> list[Row]:
    """
    The charges whose money was taken, newest first.

    A PaymentIntent that says it succeeded counts although its charge was not read, so that captured money is
    never overlooked.
    """
    charges = hanging(facts, "charges") if facts.known("charges") or not facts.known("intent") else []
    taken = [each for each in charges if each["status"] == "succeeded" and each["captured"] and each["amount_captured"]]
    seen = {each["payment_intent"] for each in taken}
    for intent in intents(facts) if facts.known("intent") else []:
        if intent["status"] == "succeeded" and intent["amount_received"] and intent["id"] not in seen:
            taken.append(_charge_of(intent))
    return taken


def _charge_of(intent: Row) -> Row:
    return {
        "id": intent["latest_charge_id"] or intent["id"],
        "payment_intent": intent["id"],
        "amount_captured": intent["amount_received"],
        "amount_refunded": intent["latest_charge_amount_refunded"],
        "currency": intent["currency"],
        "created": intent["latest_charge_created"] or intent["created"],
        "disputed": None,
        "payment_method_details_type": None,
    }


def refunds(facts: Facts) -> list[Row]:
    """Every refund of the invoice's charges, newest first. Raises Missing where the main one's are silent."""
    return hanging(facts, "refunds")


def given_back(charge: Row, made: Sequence[Row], *statuses: str) -> int:
    """
    How much of a charge its refunds of these statuses return.

    What a charge says was refunded, beyond all the refunds that are listed, has been returned too.
    """
    wanted = statuses or LIVE_REFUND
    # A charge that was not read is known by its PaymentIntent alone, and an intent takes money once.
    unread = charge["id"] == charge["payment_intent"]
    key = "payment_intent" if unread else "charge"
    listed = [each for each in made if each[key] == charge["id"]]
    unlisted = max(0, (charge["amount_refunded"] or 0) - total(listed, "amount")) if "succeeded" in wanted else 0
    return total([each for each in listed if each["status"] in wanted], "amount") + unlisted


def net(facts: Facts, charge: Row) -> int:
    """
    What we still hold of a charge; a refund on its way counts as gone.

    Where the refunds are silent the charge's own `amount_refunded` tells. Raises Missing where that is not known
    either: money that may have been given back proves nothing.
    """
    if facts.known("refunds") or charge["amount_refunded"] is None:
        back = given_back(charge, refunds(facts))
    else:
        back = charge["amount_refunded"]
    left: int = charge["amount_captured"] - back
    return left


def kept(facts: Facts) -> list[Row]:
    """The captured charges whose money is still ours, in whole or part."""
    return [each for each in captured(facts) if net(facts, each) > 0]


def on_hold(facts: Facts) -> list[Row]:
    """The PaymentIntents whose money is authorised and not captured."""
    return [each for each in intents(facts) if each["status"] == "requires_capture"]


def open_disputes(facts: Facts) -> list[Row]:
    """The disputes that are open or lost."""
    return [each for each in hanging(facts, "disputes") if each["status"] not in CLOSED_DISPUTE]


def recorded_paid(facts: Facts) -> list[Row]:
    """The payments rows that say money came in; a refund is a row of its own."""
    return [each for each in facts["payments"] if each["status"] == "succeeded" and not each["stripe_refund_id"]]


def unrecorded(taken: Sequence[Row], noted: Sequence[Row]) -> list[Row]:
    """The charges that no payments row can be of."""
    return [each for each in taken if not any(records(row, [each]) for row in noted)]


def records(row: Row, taken: Sequence[Row]) -> bool:
    """Whether a payments row can be of one of these charges: it names one, or its PaymentIntent, or neither."""
    charge, intent = row["stripe_charge_id"], row["stripe_payment_intent_id"]
    ours = {each["id"] for each in taken} | {each["payment_intent"] for each in taken}
    return not ((charge or intent) and {charge, intent}.isdisjoint(ours))


def recorded_refunds(facts: Facts, *statuses: str) -> list[Row]:
    """The payments rows that say money went back, or is on its way."""
    return [each for each in facts["payments"] if each["status"] in statuses]


def total(rows: Sequence[Row], field: str) -> int:
    """The sum of a field, in minor units."""
    return sum(each[field] for each in rows)


def names(rows: Sequence[Row]) -> str:
    """Ids for a sentence."""
    return ", ".join(str(each["id"]) for each in rows)


def command_for(verb: str, name: str) -> str:
    """A command of ours about a subject, as it can be pasted into a shell whatever its name holds."""
    return typed(f"peakops payment {verb}", name)


def currency_of(row: Row) -> str:
    """The currency as Stripe spells it, in lower case."""
    return str(row["currency"]).lower()


def instead(name: str) -> Mapping[str, str]:
    """Words of the playbook (do, customer) that take the place of a row's own, where more is known than its code."""
    words: Mapping[str, str] = playbook.words("payment")["instead"][name]
    return words
