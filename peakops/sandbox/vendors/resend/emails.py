"""Resend's mails: sent once for each idempotency key, and read again with what became of them."""

import hashlib
import json

from peakops.sandbox.vendors.objects import Object
from peakops.sandbox.vendors.resend import asked, domains, suppressions
from peakops.sandbox.vendors.resend.completion import identifier, stamp
from peakops.sandbox.vendors.resend.envelope import Refusal
from peakops.sandbox.vendors.resend.pages import page
from peakops.sandbox.wire import Answer, Request, State

STORE = "_idempotency"
"""Where the state keeps what was sent by idempotency key; a leading underscore says that it is no part of a world."""

KEPT_S = 24 * 3600
"""How long Resend knows a key (its documentation of idempotency keys)."""

LONGEST_KEY = 256
NOT_LISTED = ("html", "text", "tags")
ALONE: Object = {"object": "email", "bcc": [], "cc": [], "reply_to": [], "scheduled_at": None}
"""Fields that only a mail by itself has, beside the world's."""


def every(state: State, request: Request) -> Answer:
    """GET /emails: those to everybody; there is no way to ask for one recipient's."""
    return page(state["emails"], request, NOT_LISTED)


def one(state: State, _: Request, *, email_id: str) -> Answer:
    """GET /emails/{email_id}."""
    for each in state["emails"]:
        if each["id"] == email_id:
            return Answer(body={**ALONE, **each})
    raise Refusal("not_found", "Email not found")


def send(state: State, request: Request) -> Answer:
    """POST /emails: the id of the mail, and with a key that was used for the same mail, the id of that one."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return Answer(body={"id": sent(state, request)})
    if not 1 <= len(key) <= LONGEST_KEY:
        raise Refusal("invalid_idempotency_key")
    kept: dict[str, Object] = state.setdefault(STORE, {})
    now, payload = request.now.timestamp(), digest(asked.document(request))
    entry = kept.get(key)
    if entry is None or now - entry["at"] >= KEPT_S:
        kept[key] = {"id": sent(state, request), "at": now, "payload": payload}
    elif entry["payload"] != payload:
        raise Refusal("invalid_idempotent_request")
    return Answer(body={"id": kept[key]["id"]})


def digest(given: Object) -> str:
    """What tells two bodies apart, whatever the order of their fields."""
    return hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()


def sent(state: State, request: Request) -> str:
    """The id of a mail that is taken on now."""
    mail = asked.mail(asked.document(request))
    domains.require_verified(state, asked.plain(mail["from"]).rpartition("@")[2])
    require_quota(state["quota"], len(mail["to"]))
    at = stamp(request.now)
    entry = {"id": identifier("sent", f"{len(state['emails'])} {at}"), "created_at": at, **mail}
    entry["last_event"] = event(state, mail["to"])
    state["emails"].insert(0, entry)
    if entry["last_event"] in suppressions.LANDS:
        suppressions.land(state, entry)
    for name in ("daily_used", "monthly_used"):
        state["quota"][name] += len(mail["to"])
    return str(entry["id"])


def event(state: State, to: list[str]) -> str:
    """What becomes of a mail: suppressed if nobody may get it, what the world says of an address, or delivered."""
    addresses = [asked.plain(each) for each in to]
    if all(suppressions.found(state, each) for each in addresses):
        return "suppressed"
    said = [str(each["last_event"]) for each in state["outcomes"] if each["email"].casefold() in addresses]
    return said[0] if said else "delivered"


def require_quota(quota: Object, more: int) -> None:
    """Refuse what is more than a day or a month may have; each recipient counts."""
    for name in ("daily", "monthly"):
        if quota[name] is not None and quota[f"{name}_used"] + more > quota[name]:
            raise Refusal(f"{name}_quota_exceeded")
