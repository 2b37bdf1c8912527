"""What is wrong with the events of a payment: the checks of `payment events`. Pure."""

from collections.abc import Sequence

from peakops.model import Verdict
from peakops.scenario import Facts, Missing, Outcome, Row, found, ok, skip
from peakops.scenarios.payment.events_line import GRACE_S, KEPT_S, LOGS, age, asked_for, crowded, sent_by, timeline
from peakops.scenarios.payment.money import amount, kept, names, recorded_paid, unrecorded
from peakops.scenarios.payment.webhook import about, delivery, logged, telling
from peakops.scenarios.words import day

MISSING = {
    "failed": "failed in the portal",
    "unprocessed": "received and not processed",
    "undelivered": "not delivered",
    "no_event": "neither side has an event of it",
    "not_received": "acknowledged, but without a trace in the portal",
}
NOTHING = "There is no event."
FEW = 3
"""How many events a sentence names."""


def _need(facts: Facts, *names: str) -> None:
    """Raises Missing where one of these looks was silent."""
    for name in names:
        _ = facts[name]


def told(facts: Facts) -> Outcome:
    """Captured money whose event the portal has not, or has not processed."""
    taken, log = kept(facts), [row for name in LOGS for row in facts[name]]
    if not taken:
        return skip("Stripe holds no captured money for this invoice.")
    dark = [each for each in taken if not _processed(each, log)]
    if not dark:
        return ok(f"The portal processed the event that tells of {names(taken)}.")
    if crowded(facts):
        raise Missing("The portal's log has too many events of this payment to be read in whole.")
    fresh = [each for each in dark if age(facts, each) <= GRACE_S]
    if len(fresh) == len(dark):
        return skip(f"{names(fresh)} was captured a moment ago; its event may be on its way.")
    return _gap(facts, [each for each in dark if each not in fresh])


def _gap(facts: Facts, dark: Sequence[Row]) -> Outcome:
    charge, why = dark[0], delivery(facts, dark)
    old = " Stripe keeps events for 30 days only, so it cannot be sent again." if age(facts, charge) >= KEPT_S else ""
    taken = amount(charge["amount_captured"], charge["currency"])
    more = f" {len(dark) - 1} more charge(s) like it." if dark[1:] else ""
    says = f"{charge['id']} took {taken} on {day(charge['created'])}. {why.says}{old}{more}"
    by_hand = not unrecorded(dark, recorded_paid(facts))
    if by_hand:
        # Sent again, the event would have the portal record the payment a second time.
        return found("gap", says, cause=why.cause, row="gap_recorded")
    return found("gap", says, cause=why.cause, next=why.next)


def _processed(charge: Row, log: Sequence[Row]) -> bool:
    return any(row["status"] == "processed" for row in telling(about(log, "object_id", [charge]), "event_type"))


def others(facts: Facts) -> Outcome:
    """Events that the portal has no trace of, or has not processed."""
    # Whether an event was to come at all is known by the endpoints alone.
    _need(facts, *LOGS, "events", "endpoints", "charges")
    lines = timeline(facts)
    lost = [line for line in lines if line["gap"] in MISSING]
    if not lines:
        return skip(NOTHING)
    if not lost:
        return ok("The portal processed every event that it was to be told of.")
    return found("missing", _list(lost))


def _list(lines: Sequence[Row]) -> str:
    each = [f"{line['event_type']} {line['event'] or line['object']}: {MISSING[line['gap']]}" for line in lines[-FEW:]]
    more = f"; and {len(lines) - FEW} earlier ones" if len(lines) > FEW else ""
    return f"{len(lines)} event(s). {'; '.join(each)}{more}."


def known(facts: Facts) -> Outcome:
    """Events of the portal's log that Stripe does not have, though it keeps events of that age."""
    _need(facts, *LOGS, "these_events")
    absent = [line for line in timeline(facts) if line["gap"] != "no_event" and line["stripe"] == "absent"]
    if not any(asked_for(facts[name]) for name in LOGS):
        return skip("The portal's log has no event of this payment that Stripe keeps still.")
    if not absent:
        return ok("Stripe has the portal's newest events of this payment.")
    intent = facts["intent"] if facts.known("intent") else None
    mode = (
        f" {intent['id']} is in {intent['mode']} mode, which the key cannot see." if intent and intent["mode"] else ""
    )
    ids = ", ".join(line["event"] for line in absent[-FEW:])
    return found("not_at_stripe", f"Stripe has no {ids}{' and others' if len(absent) > FEW else ''}.{mode}")


def pace(facts: Facts) -> Outcome:
    """Events that came, or were processed, late."""
    _need(facts, *LOGS)
    lines = timeline(facts)
    late = [line for line in lines if line["gap"] == "late"]
    if not lines:
        return skip(NOTHING)
    if not late:
        return ok("No event was received or processed late.")
    worst = max(late, key=lambda line: (line["received_after_s"] or 0) + (line["processed_after_s"] or 0))
    return found("late", f"{len(late)} event(s); the latest is {worst['event']}: {_delays(worst)}.")


def _delays(line: Row) -> str:
    parts = [f"{what} after {line[key]} s" for what, key in _DELAYS if line[key] is not None]
    return ", ".join(parts)


_DELAYS = (("received", "received_after_s"), ("processed", "processed_after_s"))


def whole(facts: Facts) -> Outcome:
    """Whether there is anything, and nothing is missing of it."""
    _need(facts, *LOGS, "events")
    log, sent = logged(facts), sent_by(facts)
    if any(line["gap"] for line in timeline(facts)) or told(facts).verdict is Verdict.FOUND:
        return skip("There is a gap.")
    if not log and not sent:
        return found("no_events", "Neither Stripe nor the portal's log has an event of this payment.")
    cut = (
        " Not everything was read: see the notes." if any(facts.notes(name) for name in ("webhooks", "events")) else ""
    )
    return found("complete", f"{len(sent)} event(s) at Stripe, {len(log)} in the portal's log, and no gap.{cut}")
