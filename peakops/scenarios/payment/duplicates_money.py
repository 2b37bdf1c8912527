"""Which of an invoice's charges to keep, which are too many, and what may be given back of them. Pure, minor units."""

from collections.abc import Callable

from peakops.scenario import Facts, Missing, Row
from peakops.scenarios.payment.duplicates_records import recording
from peakops.scenarios.payment.money import (
    CLOSED_DISPUTE,
    amount,
    captured,
    currency_of,
    given_back,
    hanging,
    intents,
    net,
    refunds,
    total,
)

RESERVED = ("requires_capture", "processing")
"""PaymentIntents whose money may still be taken: a hold, and a bank debit under way."""


def in_sight(facts: Facts) -> None:
    """Raises Missing where the payment lives in the mode that the key cannot see: nothing proves anything then."""
    intent = facts["intent"] if facts.known("intent") else None
    if intent is not None and intent["mode"]:
        raise Missing(f"{intent['id']} exists in {intent['mode']} mode, and the configured key is of the other mode.")


def taken(facts: Facts) -> list[Row]:
    """Every captured charge, newest first. Raises Missing unless the charges and their refunds all answered."""
    for name in ("charges", "sibling_charges", "refunds", "sibling_refunds"):
        _ = facts[name]
    return captured(facts)


def left(facts: Facts, charge: Row, *, final: bool = False) -> int:
    """
    What we hold of a charge, without what a lost dispute took.

    A refund on its way counts as gone; with `final`, only one that has succeeded does.
    """
    held: int = net(facts, charge)
    if final:
        held = charge["amount_captured"] - given_back(charge, refunds(facts), "succeeded")
    lost = [each for each in _disputes(facts, charge) if each["status"] == "lost"]
    return max(0, held - total(lost, "amount"))


def said_left(facts: Facts, charge: Row) -> str:
    """What we hold of a charge, for people."""
    return amount(left(facts, charge), charge["currency"])


def holding(facts: Facts, *, final: bool = False) -> list[Row]:
    """The charges that hold money, newest first."""
    return [each for each in taken(facts) if left(facts, each, final=final) > 0]


def several(facts: Facts, *, final: bool = False) -> bool:
    """Whether two charges or more hold money, and more of it than is due; currencies that differ are never due."""
    held, invoice = holding(facts, final=final), facts["invoice"]
    if {currency_of(each) for each in held} != {currency_of(invoice)}:
        return len(held) > 1
    return len(held) > 1 and sum(left(facts, each, final=final) for each in held) > invoice["amount_due"]


def _disputes(facts: Facts, charge: Row) -> list[Row]:
    names = [name for name in ("disputes", "sibling_disputes") if facts.known(name)]
    return [each for name in names for each in facts[name] if each["charge"] == charge["id"]]


def disputed(facts: Facts, charge: Row) -> bool | None:
    """Whether a dispute of this charge is open; None where that is not known."""
    if listed := _disputes(facts, charge):
        return any(each["status"] not in (*CLOSED_DISPUTE, "lost") for each in listed)
    known = facts.known("disputes", "sibling_disputes")
    return bool(charge["disputed"]) if known else charge["disputed"]


def elsewhere(facts: Facts, charge: Row) -> list[str]:
    """The other invoices that this charge names as its own, or that record it as theirs."""
    own = facts["invoice"]["invoice_number"].upper()
    known = intents(facts) if facts.known("intent") else []
    named = {each["metadata_invoice_number"] for each in known if each["id"] == charge["payment_intent"]}
    claims = facts["claims"] if facts.known("claims") else []
    claiming = {each["invoice_number"] for each in claims if each["intent"] in (charge["payment_intent"], charge["id"])}
    return sorted(str(each) for each in named | claiming if each and str(each).upper() != own)


def _is_own(facts: Facts, charge: Row) -> bool:
    stored = facts["invoice"]["stripe_payment_intent_id"]
    return charge["payment_intent"] is not None and charge["payment_intent"] == stored


REASONS: tuple[tuple[str, Callable[[Facts, Row], bool]], ...] = (
    ("it is not disputed", lambda facts, charge: not disputed(facts, charge)),
    ("no other invoice claims it", lambda facts, charge: not elsewhere(facts, charge)),
    ("it is in the invoice's currency", lambda facts, charge: currency_of(charge) == currency_of(facts["invoice"])),
    ("it covers what is due", lambda facts, charge: left(facts, charge) >= facts["invoice"]["amount_due"]),
    ("the portal records it", lambda facts, charge: bool(recording(facts, charge))),
    ("it is of the invoice's own PaymentIntent", _is_own),
)
"""Why a charge is kept rather than another, the weightiest first; among equals the earliest is kept."""


def _ranked(facts: Facts) -> list[Row]:
    """The charges that hold money, the one to keep first. Raises Missing where the payments rows are silent."""

    def rank(charge: Row) -> tuple[object, ...]:
        return (*(not fits(facts, charge) for _, fits in REASONS), charge["created"], charge["id"])

    return sorted(holding(facts), key=rank)


def kept_charge(facts: Facts) -> Row | None:
    """The charge to keep; None where none holds money."""
    return next(iter(_ranked(facts)), None)


def why_kept(facts: Facts) -> str:
    """Why the first charge is kept: the first reason that holds for it and not for every other one."""
    first, *others = _ranked(facts)
    if not others:
        return "no other charge holds money"
    reasons = [says for says, fits in REASONS if fits(facts, first) and not all(fits(facts, each) for each in others)]
    return next(iter(reasons), "it is the earliest")


def _too_much(facts: Facts) -> dict[str, int]:
    """By charge, what is to be given back: from the one least worth keeping, until no more than is due is left."""
    ranked, invoice = _ranked(facts), facts["invoice"]
    if not ranked:
        return {}
    first, unit = ranked[0], currency_of(ranked[0])
    due = invoice["amount_due"] if unit == currency_of(invoice) else left(facts, first)
    excess = sum(left(facts, each) for each in ranked if currency_of(each) == unit) - due
    back = {}
    for charge in reversed(ranked[1:]):
        foreign, held = currency_of(charge) != unit, left(facts, charge)
        much = held if foreign else min(held, max(0, excess))
        excess -= 0 if foreign else much
        if much:
            back[charge["id"]] = much
    return back


def surplus(facts: Facts) -> list[Row]:
    """The charges that hold money beyond what is due and beyond the kept one, the one most worth keeping first."""
    back = _too_much(facts)
    return [each for each in _ranked(facts) if each["id"] in back]


def barred(facts: Facts, charge: Row) -> str:
    """Why nothing of a charge may be refunded now, as the rest of a sentence; empty where it may."""
    return _bar(facts, charge)[1]


def bar(facts: Facts, charge: Row) -> str:
    """The playbook's words (`instead`) for a charge that is barred; empty where it is not."""
    return _bar(facts, charge)[0]


def _bar(facts: Facts, charge: Row) -> tuple[str, str]:
    dispute, claimed = disputed(facts, charge), elsewhere(facts, charge)
    if dispute:
        return "surplus_disputed", "it is disputed, and the bank decides where its money goes"
    if dispute is None:
        return "surplus_unknown", "whether it is disputed is not known"
    if claimed:
        return "doubted", f"{', '.join(claimed)} claims it too"
    if currency_of(charge) != currency_of(facts["invoice"]):
        says = "it is in another currency than the invoice, so that what is too much is for a person to decide"
        return "foreign_surplus", says
    if not facts.known("claims", "intent", "siblings"):
        return "surplus_unknown", "whether another invoice claims it is not known"
    return ("", "") if "captured" in charge else ("surplus_unknown", "Stripe does not list it")


def refundable(facts: Facts, charge: Row) -> int:
    """
    What is to be given back of a charge: at most what is left of it at Stripe, and at most what is too much.

    0 for a charge that is kept, and for one that is barred.
    """
    return 0 if barred(facts, charge) else _too_much(facts).get(charge["id"], 0)


def beside(facts: Facts) -> list[Row]:
    """
    The PaymentIntents on hold or under way for which nothing is due any more: what is held covers it, or another does.

    Only one that fits into what is still due is left out, or the first where nothing else is there.
    """
    invoice, held = facts["invoice"], holding(facts)
    room = invoice["amount_due"] - sum(left(facts, each) for each in held)
    waiting = [*(each for each in intents(facts) if each["status"] in RESERVED), *_alone(facts)]
    waiting.sort(key=lambda each: (each["id"] != invoice["stripe_payment_intent_id"], each["created"], each["id"]))
    over: list[Row] = []
    for number, each in enumerate(waiting):
        fits = currency_of(each) == currency_of(invoice) and each["amount"] <= room
        if fits or (number == 0 and not held):
            room -= each["amount"]
        else:
            over.append(each)
    return over


def _alone(facts: Facts) -> list[Row]:
    """Charges that are pending or not captured although no PaymentIntent that we know is on hold or under way."""
    settled = {each["id"] for each in intents(facts) if each["status"] in (*RESERVED, "canceled", "succeeded")}
    return [
        each
        for each in hanging(facts, "charges")
        if each["payment_intent"] not in settled
        and (each["status"] == "pending" or (each["status"] == "succeeded" and not each["captured"]))
    ]


def holds(facts: Facts) -> list[Row]:
    """The PaymentIntents on hold that are to be canceled, since nothing is due beside what is held already."""
    return [each for each in beside(facts) if each["status"] == "requires_capture"]
