"""SendGrid, as the sandbox plays it: its lists of suppressed addresses, its log of mails, and what the key may do."""

from peakops.sandbox.state import Sandbox
from peakops.sandbox.vendors.objects import Object
from peakops.sandbox.vendors.sendgrid import log
from peakops.sandbox.vendors.sendgrid.completion import complete
from peakops.sandbox.vendors.sendgrid.envelope import Refusal, headers, refuse
from peakops.sandbox.wire import Answer, Request, State

NAME = "sendgrid"

SHOWN = {
    "bounces": ("created", "email", "reason", "status"),
    "blocks": ("created", "email", "reason", "status"),
    "spam_reports": ("created", "email", "ip"),
    "invalid_emails": ("created", "email", "reason"),
}
"""The fields that an entry of each list has."""

ROUTES: tuple[tuple[str, str], ...] = (
    *(("GET", f"/v3/suppression/{name}/{{email}}") for name in SHOWN),
    ("GET", "/v3/asm/suppressions/global/{email}"),
    ("POST", "/v3/logs"),
    ("GET", "/v3/logs/{id}"),
    ("GET", "/v3/scopes"),
)
UNKNOWN_ROUTE = {"Sandbox-Unknown-Route": "1"}

ANY_LIST = "suppression.read"
ACTIVITY = "email_activity.read"


def handle(state: State, request: Request) -> Answer:
    """Answer as SendGrid would."""
    try:
        answer = answered(state, request)
    except Refusal as refusal:
        answer = Answer(status=refusal.status, body=refusal.body)
    return Answer(status=answer.status, body=answer.body, headers=headers(request.now) | dict(answer.headers))


def answered(state: State, request: Request) -> Answer:
    """The answer of the route, to who has the key and its scope."""
    if request.headers.get("authorization") != f"Bearer {Sandbox.sendgrid_key}":
        raise Refusal(401)
    match request.method, request.path.split("/")[1:]:
        case "GET", ["v3", "suppression", name, email] if name in SHOWN:
            require_scope(state, ANY_LIST, f"suppression.{name}.read")
            found = entries(state, name, email)
            return Answer(body=[{field: each[field] for field in SHOWN[name]} for each in found])
        case "GET", ["v3", "asm", "suppressions", "global", email]:
            require_scope(state, ANY_LIST, "suppression.unsubscribes.read")
            found = entries(state, "unsubscribes", email)
            return Answer(body={"recipient_email": found[0]["email"]} if found else {})
        case "POST", ["v3", "logs"]:
            require_scope(state, ACTIVITY)
            return log.search(state, request)
        case "GET", ["v3", "logs", identifier]:
            require_scope(state, ACTIVITY)
            return log.message(state, request, identifier)
        case "GET", ["v3", "scopes"]:
            return Answer(body={"scopes": state["scopes"]})
    return Answer(status=404, body=Refusal(404).body, headers=UNKNOWN_ROUTE)


def require_scope(state: State, *one_of: str) -> None:
    """Refuse a key that has none of these scopes."""
    if not set(one_of) & set(state["scopes"]):
        raise Refusal(403)


def entries(state: State, name: str, email: str) -> list[Object]:
    """The entries of a list for an address, whatever its case."""
    return [each for each in state["suppressions"][name] if each["email"].casefold() == email.casefold()]


__all__ = ["NAME", "ROUTES", "complete", "handle", "refuse"]
