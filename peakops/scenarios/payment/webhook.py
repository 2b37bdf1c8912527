"""Why the portal does not know of a payment: the webhook was not delivered, not processed, or is unknown. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from peakops.scenario import Facts, Row

TELLING = ("payment_intent.succeeded", "charge.succeeded", "charge.captured", "checkout.session.completed")
"""The events that tell the portal that money was taken, the one it acts on first."""


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """The cause, the sentence that proves it, and how the event is sent again."""

    cause: str
    says: str
    next: tuple[str, ...] = ()


def delivery(facts: Facts, charges: Sequence[Row]) -> Delivery:
    """
    What became of the event that should have told the portal of these charges.

    Never raises for what was silent, since it feeds only the cause.
    """
    known = telling(about(logged(facts), "object_id", charges), "event_type")
    events = facts["events"] if facts.known("events") else []
    sent = telling(about(events, "data_object_id", charges), "type")
    again = tuple(command for each in sent[:1] for command in resend(each, facts))
    if known:
        return Delivery(cause="webhook_not_processed", says=_told(known[0]), next=again)
    nobody = _nobody_takes(sent[0], facts) if sent else ""
    if sent and (sent[0]["pending_webhooks"] or nobody):
        says = f"Stripe's event {sent[0]['id']} was not delivered{nobody}."
        return Delivery(cause="webhook_not_delivered", says=says, next=again)
    if sent:
        says = f"Every endpoint acknowledged Stripe's event {sent[0]['id']}, but the portal has no trace of it."
        return Delivery(cause="webhook_not_processed", says=says, next=again)
    if not {"webhooks", "events"} & set(facts):
        return Delivery(cause="webhook_unknown", says="What became of the webhook was not looked at.")
    silent = [name for name in ("webhooks", "events") if not facts.known(name)]
    why = f"{' and '.join(silent)} could not be read" if silent else "neither Stripe nor the portal's log has its event"
    return Delivery(cause="webhook_unknown", says=f"What became of the webhook is unknown: {why}.")


def about(rows: Sequence[Row], field: str, charges: Sequence[Row]) -> list[Row]:
    """The events about these charges, and those whose object is neither a charge nor a PaymentIntent."""
    ours = {each["id"] for each in charges} | {each["payment_intent"] for each in charges}
    return [
        each for each in rows if each.get(field) in ours or not str(each.get(field)).startswith(("pi_", "ch_", "py_"))
    ]


def logged(facts: Facts) -> list[Row]:
    """The portal's log: the events that name an intent or the invoice, and those that name only a charge."""
    rows = [row for name in ("webhooks", "webhooks_of_charges") if facts.known(name) for row in facts[name]]
    return list({row["event_id"]: row for row in rows}.values())


def telling(rows: Iterable[Row], field: str) -> list[Row]:
    """Those of the events that tell of money, the one that the portal acts on first."""
    return sorted((each for each in rows if each[field] in TELLING), key=lambda each: TELLING.index(each[field]))


def _told(row: Row) -> str:
    if row["status"] == "processed":
        return f"The portal processed the event {row['event_id']} and did not record the payment."
    error = f": {row['error']}" if row["error"] else ""
    return f"The portal received the event {row['event_id']}, but its status is '{row['status']}'{error}."


def _nobody_takes(event: Row, facts: Facts) -> str:
    """Why no endpoint takes this event, as the rest of a sentence; empty where one does, or it is not known."""
    if not facts.known("endpoints") or taking(event, facts):
        return ""
    if not facts["endpoints"]:
        return ": there is no webhook endpoint"
    disabled = [each["url"] for each in facts["endpoints"] if each["status"] != "enabled"]
    return f": the endpoint {disabled[0]} is disabled" if disabled else f": no endpoint takes {event['type']}"


def taking(event: Row, facts: Facts) -> list[Row]:
    """The enabled endpoints that take events of this type."""
    endpoints = facts["endpoints"] if facts.known("endpoints") else []
    wanted = {event["type"], "*"}
    return [each for each in endpoints if each["status"] == "enabled" and wanted & set(each["enabled_events"] or ())]


def resend(event: Row, facts: Facts) -> list[str]:
    """The command that has Stripe send an event again, where an endpoint takes it."""
    # Without an endpoint's id the Stripe CLI would send the event to its own listener, so there is no command then.
    live = " --live" if event["livemode"] else ""
    return [
        f"stripe events resend {event['id']} --webhook-endpoint={each['id']}{live}" for each in taking(event, facts)[:1]
    ]
