"""Resend, as the sandbox plays it: mails, suppressions and domains, each by page or by itself."""

import re

from peakops.sandbox.state import Sandbox
from peakops.sandbox.vendors.objects import Object
from peakops.sandbox.vendors.resend.completion import ORIGINS, complete
from peakops.sandbox.vendors.resend.envelope import HEADERS, Refusal, refuse
from peakops.sandbox.wire import Answer, Request, State

NAME = "resend"
ROUTES: tuple[tuple[str, str], ...] = (
    ("GET", "/emails"),
    ("GET", "/emails/{id}"),
    ("GET", "/suppressions"),
    ("GET", "/suppressions/{id}"),
    ("GET", "/domains"),
)
UNKNOWN_ROUTE = {"Sandbox-Unknown-Route": "1"}
PATH = re.compile(r"/(emails|suppressions|domains)(?:/([^/]+))?")

KINDS = {"emails": "Email", "suppressions": "Suppression"}
"""What can be read one by one, and how Resend calls it in an error."""
ALONE: dict[str, Object] = {
    "emails": {"object": "email", "bcc": [], "cc": [], "reply_to": []},
    "suppressions": {"object": "suppression"},
}
"""Fields that only an object by itself has, beside the world's."""
NOT_LISTED = {"emails": ("html", "text"), "domains": ("records",), "suppressions": ()}
"""Fields of the world's that a list leaves out."""
MOST = 100
USUAL = 20


def handle(state: State, request: Request) -> Answer:
    """Answer as Resend would."""
    try:
        answer = answered(state, request)
    except Refusal as refusal:
        answer = Answer(status=refusal.status, body=refusal.body)
    return Answer(status=answer.status, body=answer.body, headers=HEADERS | dict(answer.headers))


def answered(state: State, request: Request) -> Answer:
    """The answer of the route, to who has the key; one that may only send reads nothing."""
    require_key(state, request)
    match = PATH.fullmatch(request.path)
    if match is None or request.method != "GET" or (match[2] and match[1] not in KINDS):
        return Answer(status=404, body=Refusal("not_found").body, headers=UNKNOWN_ROUTE)
    if match[2]:
        return Answer(body=one(state, match[1], match[2]))
    return Answer(body=page(state, match[1], dict(request.query)))


def require_key(state: State, request: Request) -> None:
    """Refuse a key that is missing, not ours, or not for reading."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key:
        raise Refusal("missing_api_key")
    if key != Sandbox.resend_key:
        raise Refusal("invalid_api_key")
    if state["key"] == "sending_access":
        raise Refusal("restricted_api_key")


def one(state: State, name: str, wanted: str) -> Object:
    """A mail by its id; a suppression by its id or its address."""
    for each in state[name]:
        if wanted == each["id"] or (name == "suppressions" and wanted.casefold() == each["email"].casefold()):
            return {**ALONE[name], **each}
    raise Refusal("not_found", f"{KINDS[name]} not found")


def page(state: State, name: str, query: dict[str, str]) -> Object:
    """A page of a list, newest first, behind or before an object."""
    found: list[Object] = state[name]
    if "origin" in query and name == "suppressions":
        if query["origin"] not in ORIGINS:
            raise Refusal("validation_error", f"The `origin` must be one of {', '.join(ORIGINS)}.")
        found = [each for each in found if each["origin"] == query["origin"]]
    limit = size(query)
    if "after" in query and "before" in query:
        raise Refusal("validation_error", "The `after` and `before` parameters cannot be used together.")
    if "after" in query:
        rest = found[position(found, query["after"]) + 1 :]
        shown, more = rest[:limit], len(rest) > limit
    elif "before" in query:
        rest = found[: position(found, query["before"])]
        shown, more = rest[-limit:], len(rest) > limit
    else:
        shown, more = found[:limit], len(found) > limit
    data = [{key: value for key, value in each.items() if key not in NOT_LISTED[name]} for each in shown]
    return {"object": "list", "has_more": more, "data": data}


def size(query: dict[str, str]) -> int:
    """How many a page has."""
    value = query.get("limit", str(USUAL))
    if not (value.isascii() and value.isdecimal() and 1 <= int(value) <= MOST):
        raise Refusal("validation_error", f"The `limit` must be a number between 1 and {MOST}.")
    return int(value)


def position(found: list[Object], identifier: str) -> int:
    """Where the object with this id is."""
    for place, each in enumerate(found):
        if each["id"] == identifier:
            return place
    raise Refusal("validation_error", "The pagination cursor is not valid.")


__all__ = ["NAME", "ROUTES", "complete", "handle", "refuse"]
