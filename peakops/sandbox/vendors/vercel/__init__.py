"""Vercel's API, as the sandbox plays it for who reads: the token, the project, deployments and Speed Insights."""

from typing import Any

from peakops.sandbox.vendors.vercel import access, deployments, observability
from peakops.sandbox.vendors.vercel.completion import complete
from peakops.sandbox.vendors.vercel.envelope import Refusal, headers, refuse
from peakops.sandbox.wire import Answer, Request, State

NAME = "vercel"
ROUTES: tuple[tuple[str, str], ...] = (
    ("GET", "/v5/user/tokens/current"),
    ("GET", "/v9/projects/{id}"),
    ("GET", "/v7/deployments"),
    ("GET", "/v13/deployments/{id}"),
    ("POST", "/v2/observability/query"),
    ("GET", "/v2/observability/schema"),
    ("GET", "/v2/observability/schema/{metric}"),
)
UNKNOWN_ROUTE = {"Sandbox-Unknown-Route": "1"}


def handle(state: State, request: Request) -> Answer:
    """Answer as Vercel would."""
    try:
        body = answered(state, request)
    except Refusal as refusal:
        return Answer(status=refusal.status, body=refusal.body, headers=headers(request))
    if body is None:
        return Answer(status=404, body=Refusal("not_found").body, headers={**headers(request), **UNKNOWN_ROUTE})
    return Answer(body=body, headers=headers(request))


def answered(state: State, request: Request) -> Any:
    """The answer of the route, to who has the token; None where there is no such route."""
    match request.method, request.path.split("/")[1:]:
        case "GET", ["v5", "user", "tokens", "current"]:
            access.require_token(state, request)
            return {"token": access.token(state, request.now)}
        case "GET", ["v9", "projects", named]:
            access.require_token(state, request)
            access.require_project(request, named)
            return access.project()
        case "GET", ["v7", "deployments"]:
            access.require_token(state, request)
            return deployments.listed(state, request)
        case "GET", ["v13", "deployments", named]:
            access.require_token(state, request)
            return deployments.one(state, request, named)
        case "POST", ["v2", "observability", "query"]:
            access.require_token(state, request)
            return observability.answered(state, request)
        case "GET", ["v2", "observability", "schema", *metric] if len(metric) < 2:
            access.require_token(state, request)
            return observability.schema(state, next(iter(metric), None))
    return None


__all__ = ["NAME", "ROUTES", "complete", "handle", "refuse"]
