"""Why the portal does not know of a payment: the webhook was not delivered, not processed, or is unknown. Pure."""

from collections.abc import Iterable
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


def delivery(facts: Facts) -> Delivery:
    """What became of the event that should have told the portal; never raises, since it feeds only the cause."""
    logged = _telling(facts["webhooks"], "event_type") if facts.known("webhooks") else []
    sent = _telling(facts["events"], "type") if facts.known("events") else []
    again = tuple(_resend(each, facts) for each in sent[:1])
    if logged:
        return Delivery(cause="webhook_not_processed", says=_logged(logged[0]), next=again)
    if sent and sent[0]["pending_webhooks"]:
        says = f"Stripe's event {sent[0]['id']} was not delivered{_why(facts)}."
        return Delivery(cause="webhook_not_delivered", says=says, next=again)
    if sent:
        says = f"Every endpoint acknowledged Stripe's event {sent[0]['id']}, but the portal has no trace of it."
        return Delivery(cause="webhook_not_processed", says=says, next=again)
    silent = [name for name in ("webhooks", "events") if not facts.known(name)]
    why = f"{' and '.join(silent)} could not be read" if silent else "neither Stripe nor the portal's log has its event"
    return Delivery(cause="webhook_unknown", says=f"What became of the webhook is unknown: {why}.")


def _telling(rows: Iterable[Row], field: str) -> list[Row]:
    return sorted((each for each in rows if each[field] in TELLING), key=lambda each: TELLING.index(each[field]))


def _logged(row: Row) -> str:
    if row["status"] == "processed":
        return f"The portal processed the event {row['event_id']} and did not record the payment."
    error = f": {row['error']}" if row["error"] else ""
    return f"The portal received the event {row['event_id']}, but its status is '{row['status']}'{error}."


def _why(facts: Facts) -> str:
    endpoints = facts["endpoints"] if facts.known("endpoints") else []
    if facts.known("endpoints") and not endpoints:
        return ": there is no webhook endpoint"
    disabled = [each["url"] for each in endpoints if each["status"] != "enabled"]
    return f": the endpoint {disabled[0]} is disabled" if endpoints and len(disabled) == len(endpoints) else ""


def _resend(event: Row, facts: Facts) -> str:
    endpoints = facts["endpoints"] if facts.known("endpoints") else []
    wanting = [each["id"] for each in endpoints if {event["type"], "*"} & set(each["enabled_events"] or ())]
    # Without the endpoint's id the Stripe CLI would send the event to its own listener.
    endpoint = wanting[0] if wanting else "we_…"
    return f"stripe events resend {event['id']} --webhook-endpoint={endpoint}{' --live' if event['livemode'] else ''}"
