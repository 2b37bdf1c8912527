"""Resend's one list of suppressed addresses: read, added to by hand, and shortened one by one."""

from peakops.sandbox.vendors.objects import Object
from peakops.sandbox.vendors.resend import asked
from peakops.sandbox.vendors.resend.completion import ORIGINS, identifier, stamp
from peakops.sandbox.vendors.resend.envelope import Refusal
from peakops.sandbox.vendors.resend.pages import page
from peakops.sandbox.wire import Answer, Request, State

ALONE: Object = {"object": "suppression"}
LANDS = {"bounced": "bounce", "complained": "complaint"}
"""Why an address lands on the list when a mail to it ends so."""


def every(state: State, request: Request) -> Answer:
    """GET /suppressions, all of them or those of one origin."""
    origin = dict(request.query).get("origin")
    if origin not in (None, *ORIGINS):
        raise Refusal("validation_error", f"The `origin` must be one of {', '.join(ORIGINS)}.")
    return page([each for each in state["suppressions"] if origin in (None, each["origin"])], request)


def one(state: State, _: Request, *, suppression: str) -> Answer:
    """GET /suppressions/{id or address}."""
    return Answer(body={**ALONE, **require(state, suppression)})


def add(state: State, request: Request) -> Answer:
    """POST /suppressions: an address by hand; one that is on the list stays as it is."""
    email = asked.document(request).get("email")
    if not email:
        raise Refusal("missing_required_field", "Missing `email` field.")
    (address,) = asked.addresses([email], "email")
    entry = found(state, address)
    if entry is None:
        at = stamp(request.now)
        entry = made(asked.plain(address), "manual", None, at)
        state["suppressions"].insert(0, entry)
    return Answer(status=201, body={**ALONE, "id": entry["id"]})


def remove(state: State, _: Request, *, suppression: str) -> Answer:
    """DELETE /suppressions/{id or address}."""
    gone = require(state, suppression)
    state["suppressions"] = [each for each in state["suppressions"] if each["id"] != gone["id"]]
    return Answer(body={**ALONE, "id": gone["id"], "deleted": True})


def require(state: State, wanted: str) -> Object:
    """The entry with this id or address. Raises Refusal."""
    entry = found(state, wanted)
    if entry is None:
        raise Refusal("not_found", "Suppression not found")
    return entry


def found(state: State, wanted: str) -> Object | None:
    """The entry with this id, or of this address, whatever its case."""
    entries: list[Object] = state["suppressions"]
    return next(
        (each for each in entries if wanted == each["id"] or wanted.casefold() == each["email"].casefold()), None
    )


def made(email: str, origin: str, source: str | None, at: str) -> Object:
    """A new entry."""
    name = identifier("suppression", f"{email} {at}")
    return {"id": name, "email": email, "origin": origin, "source_id": source, "created_at": at}


def land(state: State, mail: Object) -> None:
    """Put the recipients of a mail that ended so on the list."""
    for address in map(asked.plain, mail["to"]):
        if found(state, address) is None:
            entry = made(address, LANDS[mail["last_event"]], mail["id"], mail["created_at"])
            state["suppressions"].insert(0, entry)
