"""Whom Vercel lets in: the token, the team without which it looks in the account of the token's user, the project."""

from datetime import datetime
from typing import Any

from peakops.sandbox.state import Sandbox
from peakops.sandbox.vendors.objects import Object
from peakops.sandbox.vendors.vercel.envelope import Refusal
from peakops.sandbox.wire import Answer, Request, State

TEAM_SLUG = "peak-dental-studio"
PROJECT_NAME = "portal"
MADE = 1_767_225_600_000
"""When the project and the token were made: 2026-01-01."""


def require_token(state: State, request: Request) -> None:
    """Refuse a token that is missing, not ours, or has ended: all three with 403, as Vercel does."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Refusal("forbidden", "The request is missing an authentication token", missingToken=True)
    ends = state["token"]["expires_at"]
    if token != Sandbox.vercel_token or (ends and milliseconds(ends) <= int(request.now.timestamp() * 1000)):
        raise Refusal("forbidden", invalidToken=True)


def in_team(request: Request) -> bool:
    """Whether a call is in the name of the project's team. Raises Refusal for another team's."""
    query = dict(request.query)
    named = query.get("teamId") or query.get("slug")
    if named and named not in (Sandbox.vercel_team, TEAM_SLUG):
        raise Refusal("forbidden")
    return bool(named)


def project(_: State, request: Request, *, id: str) -> Answer:
    """GET /v9/projects/{id}: the portal's, where the call is in its team's name, with the fields that every one has."""
    if not in_team(request) or id not in (Sandbox.vercel_project, PROJECT_NAME):
        raise Refusal("not_found", "Project not found.")
    resources: dict[str, Any] = {"functionDefaultRegions": ["iad1"], "functionDefaultTimeout": 300, "fluid": True}
    found: Object = {
        "accountId": Sandbox.vercel_team,
        "id": Sandbox.vercel_project,
        "name": PROJECT_NAME,
        "framework": "nextjs",
        "nodeVersion": "22.x",
        "directoryListing": False,
        "live": False,
        "createdAt": MADE,
        "resourceConfig": resources,
        "defaultResourceConfig": resources,
    }
    return Answer(body=found)


def token(state: State, request: Request) -> Answer:
    """GET /v5/user/tokens/current: what a token is told of itself; one of a project alone may not ask."""
    held = state["token"]
    if held["scope"] == "project":
        raise Refusal("forbidden")
    ends = {} if held["expires_at"] is None else {"expiresAt": milliseconds(held["expires_at"])}
    team = {"teamId": Sandbox.vercel_team} if held["scope"] == "team" else {}
    scope = {"type": held["scope"], "origin": "manual", "createdAt": MADE, **team, **ends}
    told = {
        "id": "5d9f2ebd38ddca62e5d51e9c1704c72530bdc8bfdd41e782a6687c48399e8391",
        "name": held["name"],
        "type": "token",
        "origin": "manual",
        "scopes": [scope],
        "activeAt": int(request.now.timestamp() * 1000),
        "createdAt": MADE,
        **ends,
    }
    return Answer(body={"token": told})


def milliseconds(at: str) -> int:
    """A time of the state's as Vercel writes it."""
    return int(datetime.fromisoformat(at).timestamp() * 1000)
