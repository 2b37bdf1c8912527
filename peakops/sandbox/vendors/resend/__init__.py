"""Resend, as the sandbox plays it: mails that are sent and what became of them, suppressions, domains, figures."""

from peakops.sandbox.state import Sandbox
from peakops.sandbox.vendors.resend import domains, emails, logs, metrics, suppressions
from peakops.sandbox.vendors.resend.completion import complete
from peakops.sandbox.vendors.resend.envelope import Refusal, headers, refuse
from peakops.sandbox.vendors.routes import Route, find
from peakops.sandbox.wire import Answer, Request, State

NAME = "resend"
UNKNOWN_ROUTE = {"Sandbox-Unknown-Route": "1"}
SENDING = "sending_access"
FULL = ("full_access",)
"""The kinds of key that open whatever is not the sending of a mail."""

TABLE = (
    Route("POST", "/emails", emails.send, scopes=(*FULL, SENDING)),
    Route("GET", "/emails", emails.every, scopes=FULL),
    Route("GET", "/emails/metrics", metrics.read, scopes=FULL),
    Route("GET", "/emails/{email_id}", emails.one, scopes=FULL),
    Route("GET", "/suppressions", suppressions.every, scopes=FULL),
    Route("POST", "/suppressions", suppressions.add, scopes=FULL),
    Route("GET", "/suppressions/{suppression}", suppressions.one, scopes=FULL),
    Route("DELETE", "/suppressions/{suppression}", suppressions.remove, scopes=FULL),
    Route("GET", "/domains", domains.every, scopes=FULL),
    Route("GET", "/domains/{domain_id}", domains.one, scopes=FULL),
    Route("POST", "/domains/{domain_id}/verify", domains.verify, scopes=FULL),
    Route("GET", "/logs", logs.every, scopes=FULL),
    Route("GET", "/logs/{log_id}", logs.one, scopes=FULL),
)
ROUTES = tuple((route.method, route.template) for route in TABLE)


def handle(state: State, request: Request) -> Answer:
    """Answer as Resend would."""
    try:
        answer = answered(state, request)
    except Refusal as refusal:
        answer = Answer(status=refusal.status, body=refusal.body)
    logs.note(state, request, answer.status)
    told = headers(state["quota"]) | dict(answer.headers)
    return Answer(status=answer.status, body=answer.body, headers=told)


def answered(state: State, request: Request) -> Answer:
    """The answer of the route, to who has a key of the kind that opens it."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key:
        raise Refusal("missing_api_key")
    if key != Sandbox.resend_key:
        raise Refusal("invalid_api_key")
    found = find(TABLE, request)
    route, named = found or (None, {})
    if state["key"] not in (route.scopes if route else FULL):
        raise Refusal("restricted_api_key")
    if route is None:
        return Answer(status=404, body=Refusal("not_found").body, headers=UNKNOWN_ROUTE)
    return route.act(state, request, **named)


__all__ = ["NAME", "ROUTES", "complete", "handle", "refuse"]
