"""Resend's log of requests: what the world says of it, and what was asked since; never with a body."""

from peakops.sandbox.vendors.objects import Object
from peakops.sandbox.vendors.resend.completion import identifier, stamp
from peakops.sandbox.vendors.resend.envelope import Refusal
from peakops.sandbox.vendors.resend.pages import page
from peakops.sandbox.wire import Answer, Request, State

STORE = "_logs"
"""Where the state keeps the requests to the sandbox: apart from the world's, so that a look changes no dump."""

MOST = 1000


def note(state: State, request: Request, status: int) -> None:
    """Keep a request; a look at the log itself is none."""
    if request.path.startswith("/logs"):
        return
    kept = state.setdefault(STORE, [])
    number = kept[0]["number"] + 1 if kept else 0
    entry = {
        "number": number,
        "id": identifier("request", number),
        "created_at": stamp(request.now),
        "endpoint": request.path,
        "method": request.method,
        "response_status": status,
        "user_agent": request.headers.get("user-agent"),
    }
    state[STORE] = [entry, *kept][:MOST]


def every(state: State, request: Request) -> Answer:
    """GET /logs."""
    return page([*state.get(STORE, []), *state["logs"]], request, ("number",))


def one(state: State, _: Request, *, log_id: str) -> Answer:
    """GET /logs/{log_id}; the sandbox keeps no body."""
    found: list[Object] = [*state.get(STORE, []), *state["logs"]]
    for each in found:
        if each["id"] == log_id:
            shown = {key: value for key, value in each.items() if key != "number"}
            return Answer(body={"object": "log", **shown, "request_body": None, "response_body": None})
    raise Refusal("not_found", "Log not found")
