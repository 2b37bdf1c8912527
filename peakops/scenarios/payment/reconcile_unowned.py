"""The verdict of `payment reconcile` on what belongs to no invoice: what is held, and whose it may be. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from peakops.playbook import Entry
from peakops.scenario import Row
from peakops.scenarios.payment.money import CLOSED_DISPUTE, amount, command_for, currency_of
from peakops.scenarios.payment.reconcile import Subject
from peakops.scenarios.payment.reconcile_verdict import row
from peakops.scenarios.words import day


@dataclass(frozen=True, kw_only=True)
class Owner:
    """The verdict on what belongs to no invoice; `amount` is in minor units."""

    entry: Entry
    subject: str
    says: str
    amount: int = 0
    currency: str | None = None
    next: tuple[str, ...] = ()


def unowned(subject: Subject) -> Owner:
    """The verdict on a PaymentIntent and its charges that no invoice claims."""
    intent, owner = subject.intent, subject.owner
    whose, lead = _whose(subject)
    for one in subject.charges:
        left = _left(one, subject.disputes)
        if left > 0:
            says = f"Stripe took {amount(left, one['currency'])} on {day(one['created'])}. {whose}"
            says += " It is disputed: do not refund it." if _is_disputed(one, subject.disputes) else ""
            entry, unit = row("charge_without_invoice"), currency_of(one)
            return Owner(entry=entry, subject=one["id"], says=says, amount=left, currency=unit, next=lead)
    if intent and intent["status"] == "requires_capture":
        says = f"{amount(intent['amount_capturable'] or intent['amount'], intent['currency'])} are on hold. {whose}"
        unit = currency_of(intent)
        return Owner(entry=row("hold_without_invoice"), subject=owner, says=says, currency=unit, next=lead)
    coming = [each for each in subject.charges if each["status"] == "pending"]
    coming += [intent] if intent and intent["status"] == "processing" and not coming else []
    if coming:
        says = f"{amount(coming[0]['amount'], coming[0]['currency'])} are on their way. {whose}"
        unit = currency_of(coming[0])
        return Owner(entry=row("pending_without_invoice"), subject=owner, says=says, currency=unit, next=lead)
    entry = row("nothing_without_invoice")
    return Owner(entry=entry, subject=owner, says=entry.means)


def _whose(subject: Subject) -> tuple[str, tuple[str, ...]]:
    """The sentence on the invoice that it names, with the command that looks at it where the portal has it."""
    named = subject.intent and subject.intent["metadata_invoice_number"]
    if not named:
        return "No invoice names it, nor it an invoice.", ()
    if not subject.known:
        return f"It names {named}, which the portal does not have.", ()
    return f"It names {named}, which was judged without it.", (command_for("check", str(named)),)


def _left(charge: Row, disputes: Sequence[Row]) -> int:
    """What is held of a charge, in minor units: what was given back or lost in a dispute is not."""
    if not charge["captured"]:
        return 0
    lost = [each for each in disputes if each["charge"] == charge["id"] and each["status"] == "lost"]
    if any(currency_of(each) != currency_of(charge) for each in lost):
        return 0
    left: int = charge["amount_captured"] - charge["amount_refunded"] - sum(each["amount"] for each in lost)
    return left


def _is_disputed(charge: Row, disputes: Sequence[Row]) -> bool:
    """Whether a dispute is open or lost; where none was read, the charge itself tells of it."""
    mine = [each for each in disputes if each["charge"] == charge["id"]]
    return any(each["status"] not in CLOSED_DISPUTE for each in mine) if mine else bool(charge["disputed"])
