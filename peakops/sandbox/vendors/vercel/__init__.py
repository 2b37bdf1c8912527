"""Vercel's API, as the sandbox plays it: the token, the project, deployments, Speed Insights and the firewall."""

from peakops.sandbox.vendors.routes import Route, find
from peakops.sandbox.vendors.vercel import access, deployments, firewall, observability
from peakops.sandbox.vendors.vercel.completion import complete
from peakops.sandbox.vendors.vercel.envelope import Refusal, headers, refuse
from peakops.sandbox.wire import Answer, Request, State

NAME = "vercel"
UNKNOWN_ROUTE = {"Sandbox-Unknown-Route": "1"}
CONFIG = "/v1/security/firewall/config"
TABLE = (
    Route("GET", "/v5/user/tokens/current", access.token),
    Route("GET", "/v9/projects/{id}", access.project),
    Route("GET", "/v7/deployments", deployments.page),
    Route("GET", "/v13/deployments/{id}", deployments.one),
    Route("POST", "/v2/observability/query", observability.query),
    Route("GET", "/v2/observability/schema", observability.schema),
    Route("GET", "/v2/observability/schema/{metric}", observability.schema),
    Route("GET", CONFIG, firewall.config),
    Route("PATCH", CONFIG, firewall.change),
    Route("PATCH", f"{CONFIG}/draft", firewall.change_draft),
    Route("GET", f"{CONFIG}/{{version}}", firewall.version),
    Route("DELETE", f"{CONFIG}/{{version}}", firewall.discard),
    Route("POST", f"{CONFIG}/{{version}}/activate", firewall.activate),
    Route("GET", "/v1/security/firewall/events", firewall.events),
)
ROUTES = tuple((route.method, route.template) for route in TABLE)


def handle(state: State, request: Request) -> Answer:
    """Answer as Vercel would."""
    try:
        answer = answered(state, request)
    except Refusal as refusal:
        answer = Answer(status=refusal.status, body=refusal.body)
    return Answer(status=answer.status, body=answer.body, headers={**headers(request), **answer.headers})


def answered(state: State, request: Request) -> Answer:
    """The answer of the route, to who has the token."""
    found = find(TABLE, request)
    if found is None:
        return Answer(status=404, body=Refusal("not_found").body, headers=UNKNOWN_ROUTE)
    access.require_token(state, request)
    route, named = found
    return route.act(state, request, **named)


__all__ = ["NAME", "ROUTES", "complete", "handle", "refuse"]
