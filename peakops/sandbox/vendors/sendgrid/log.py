"""SendGrid's log of mails: found by a query, or one by its id with what happened to it."""

from datetime import datetime, timedelta

from peakops.sandbox.vendors.objects import Object
from peakops.sandbox.vendors.sendgrid.asked import document
from peakops.sandbox.vendors.sendgrid.envelope import Refusal
from peakops.sandbox.vendors.sendgrid.search import Unreadable, read
from peakops.sandbox.wire import Answer, Request, State

MOST = 1000
USUAL = 10
KEPT = timedelta(days=30)
"""How far the log goes back."""

EVENT = {
    "delivered": "delivered",
    "deferred": "deferred",
    "dropped": "dropped",
    "bounced": "bounce",
    "blocked": "bounce",
}
"""The event by which a mail came to its status; a mail that is only processed has none beside that."""


def search(state: State, request: Request) -> Answer:
    """POST /v3/logs: the newest mails that meet a query."""
    given = document(request)
    limit, query = given.get("limit", USUAL), given.get("query", "")
    if type(limit) is not int or not 1 <= limit <= MOST:
        raise Refusal(400, f"limit must be between 1 and {MOST}", "limit")
    if not isinstance(query, str):
        raise Refusal(400, "query must be a string", "query")
    try:
        conditions = read(query)
    except Unreadable as wrong:
        raise Refusal(400, str(wrong), "query") from wrong
    found = [each for each in kept(state, request.now) if all(condition.holds(each) for condition in conditions)]
    found.sort(key=lambda each: str(each["created_at"]), reverse=True)
    return Answer(body={"messages": [summary(each) for each in found[:limit]]})


def message(state: State, request: Request, *, sg_message_id: str) -> Answer:
    """GET /v3/logs/{sg_message_id}."""
    for each in kept(state, request.now):
        if each["sg_message_id"] == sg_message_id:
            return Answer(body=details(each))
    raise Refusal(404, "message not found")


def kept(state: State, now: datetime) -> list[Object]:
    """The mails that the log has not forgotten yet."""
    return [each for each in state["messages"] if datetime.fromisoformat(each["created_at"]) > now - KEPT]


def summary(each: Object) -> Object:
    """A mail in the answer of a search."""
    fields = ("from_email", "sg_message_id", "subject", "to_email", "reason", "status")
    return {**{field: each[field] for field in fields}, "sg_message_id_created_at": each["created_at"]}


def details(each: Object) -> Object:
    """A mail with its events; its time and its reason are only in those."""
    return {
        **{field: each[field] for field in ("from_email", "sg_message_id", "subject", "to_email", "status")},
        "category": each["categories"],
        "custom_args": each["custom_args"],
        "api_key_id": "sandbox",
        "client_ip": "198.51.100.10",
        "events": events(each),
    }


def events(each: Object) -> list[Object]:
    """What happened to a mail: it was taken on, and a second later came to its status."""
    taken = int(datetime.fromisoformat(each["created_at"]).timestamp())
    happened = [event(each, "processed", taken)]
    if name := EVENT.get(each["status"]):
        happened.append(event(each, name, taken + 1))
    return happened


def event(each: Object, name: str, at: int) -> Object:
    """One event, with the fields that SendGrid gives it."""
    reason = each["reason"]
    own: dict[str, Object] = {
        "delivered": {"ip": "198.51.100.25", "response": reason or "250 2.0.0 OK"},
        "deferred": {"response": reason or "421 4.7.0 Try again later", "attempt": "1"},
        "dropped": {"reason": reason or "Bounced Address"},
        "bounce": {"reason": reason, "type": "blocked" if each["status"] == "blocked" else "bounce"},
    }
    return {
        "event": name,
        "email": each["to_email"],
        "sg_message_id": each["sg_message_id"],
        "sg_event_id": f"{each['sg_message_id'].partition('.')[0]}-{name}",
        "smtp-id": f"<{each['sg_message_id'].partition('.')[0]}@ismtpd-sandbox>",
        "timestamp": at,
        **own.get(name, {}),
    }
