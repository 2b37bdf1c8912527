"""Vercel's Observability as far as Speed Insights: one metric at a time, by route, of the whole time that is asked."""

import json
import re
from datetime import datetime, timedelta
from typing import Any

from peakops.sandbox.state import Sandbox
from peakops.sandbox.vendors.objects import Object
from peakops.sandbox.vendors.vercel.access import in_team
from peakops.sandbox.vendors.vercel.completion import METRICS
from peakops.sandbox.vendors.vercel.envelope import Refusal
from peakops.sandbox.wire import Answer, Request, State

FAMILY = "vercel.speed_insights."
FIGURES = {f"{FAMILY}{metric}": metric for metric in METRICS}
COUNTS = {f"{FAMILY}{metric.removesuffix('_ms')}_count": metric for metric in METRICS}
PAID = ("vercel.request.count", "vercel.function_invocation.count", "vercel.firewall_action.count")
"""Some of those that need Observability Plus; the sandbox has no figures of them."""
USUAL_LIMIT = 10
OTHERS = "Others"
FILTER = re.compile(r"(environment|route) eq '([^']*)'")
HOBBY_KEEPS = timedelta(days=7)


def schema(state: State, _: Request, *, metric: str | None = None) -> Answer:
    """GET /v2/observability/schema: what there is to ask for; by a name, or the beginning of names, more of each."""
    require_account(state)
    known = {**dict.fromkeys(FIGURES, "p75"), **dict.fromkeys((*COUNTS, *PAID), "sum")}
    if metric is None:
        return Answer(body={"metrics": [{"id": name, "description": described(name)} for name in known]})
    found = [name for name in known if name == metric or name.startswith(f"{metric}.")]
    if not found:
        raise Refusal("not_found", "Metric not found.")
    told = [
        {
            "id": name,
            "description": described(name),
            "dimensions": [{"name": each, "label": each.capitalize()} for each in ("route", "environment")],
            "unit": "milliseconds" if name.endswith("_ms") else "count",
            "aggregations": [known[name]],
            "defaultAggregation": known[name],
        }
        for name in found
    ]
    return Answer(body=told)


def described(name: str) -> str:
    """A metric in words."""
    return name.removeprefix("vercel.").replace("_", " ").replace(".", ": ")


def query(state: State, request: Request) -> Answer:
    """POST /v2/observability/query: the figures. Raises Refusal for a query that Vercel would not answer."""
    given = asked(request)
    metric, limit = given["metric"], given.get("limit", USUAL_LIMIT)
    require_scope(given.get("scope"), request)
    require_account(state)
    if metric in PAID and state["plan"] != "plus":
        raise Refusal("payment_required")
    if metric not in (*FIGURES, *COUNTS, *PAID):
        raise Refusal("unknown_metric", f"Unknown metric {metric}.", allowedValues=[*FIGURES, *COUNTS, *PAID])
    require_time(state, given, request.now)
    aggregation = given.get("aggregation", "p75" if metric in FIGURES else "sum")
    column = re.sub(r"[./]", "_", f"{metric}_{aggregation}")
    rows = figures(state, metric, restrictions(given.get("filter", "")))
    by_route = given.get("groupBy", []) == ["route"]
    summary = grouped(rows, column, limit) if by_route else whole(rows, column, metric)
    told = {
        "query": given,
        "summary": summary,
        "data": [{"timestamp": given["startTime"], **each} for each in summary],
        "statistics": {"bytesRead": 0, "rowsRead": len(rows), "dbTimeSeconds": 0.01},
        "orderBy": given.get("orderBy", column),
        "orderDirection": given.get("orderDirection", "desc"),
    }
    return Answer(body=told)


def asked(request: Request) -> Object:
    """The query of the body."""
    try:
        query = json.loads(request.body)
    except ValueError as wrong:
        raise Refusal("bad_request", "Invalid JSON.") from wrong
    if not isinstance(query, dict) or not isinstance(query.get("metric"), str):
        raise Refusal("bad_request", "Invalid request: should have required property `metric`.")
    if any(name not in ("route", "environment") for name in query.get("groupBy", [])):
        raise Refusal("bad_request", "Unknown dimension.", allowedValues=["route", "environment"])
    return query


def require_scope(scope: Any, request: Request) -> None:
    """Refuse a query of another owner or project, or one that is not in its team's name."""
    fits = isinstance(scope, dict) and isinstance(scope.get("ownerId"), str)
    if not fits or scope.get("type") not in ("project", "owner"):
        raise Refusal("bad_request", "Invalid input: scope.")
    if not in_team(request) or scope["ownerId"] != Sandbox.vercel_team:
        raise Refusal("forbidden")
    if scope["type"] == "project" and scope.get("projectIds") != [Sandbox.vercel_project]:
        raise Refusal("not_found", "Project not found.")


def require_account(state: State) -> None:
    """Refuse a token that is of one project alone: figures are kept by account (seen of the true API in 2026-08)."""
    if state["token"]["scope"] == "project":
        raise Refusal("not_found", "Observability Data not found.")


def require_time(state: State, query: Object, now: datetime) -> None:
    """Refuse what is no time, and one of which the plan keeps nothing."""
    try:
        since, until = (datetime.fromisoformat(query[name]) for name in ("startTime", "endTime"))
    except (KeyError, TypeError, ValueError) as wrong:
        raise Refusal("bad_request", "Invalid request: startTime and endTime must be times.") from wrong
    if since >= until:
        raise Refusal("bad_request", "Invalid request: startTime must be before endTime.")
    if state["plan"] == "hobby" and since < now - HOBBY_KEEPS:
        raise Refusal("bad_request", "Invalid request: the hobby plan only grants access to the latest 7 days of data.")


def restrictions(filter: str) -> dict[str, str]:
    """The parts of an OData filter that are joined by `and`."""
    parts = [FILTER.fullmatch(part.strip()) for part in filter.split(" and ")] if filter else []
    if not all(parts):
        raise Refusal("bad_request", "Invalid filter.")
    return {part[1]: part[2] for part in parts if part}


def figures(state: State, metric: str, wanted: dict[str, str]) -> list[tuple[str, float]]:
    """Each route's figure, the highest first; all of a world's are production's."""
    if wanted.get("environment", "production") != "production" or metric in PAID:
        return []
    short, field = (FIGURES[metric], "p75") if metric in FIGURES else (COUNTS[metric], "count")
    rows = [(each["route"], each[field]) for each in state["speed_insights"] if each["metric"] == short]
    kept = [row for row in rows if wanted.get("route", row[0]) == row[0]]
    return sorted(kept, key=lambda row: (-row[1], row[0]))


def grouped(rows: list[tuple[str, float]], column: str, limit: int) -> list[Object]:
    """A row for each route, and one for those beyond the limit; their figure is the highest of them."""
    shown = [{"route": route, column: figure} for route, figure in rows[:limit]]
    return [*shown, {"route": OTHERS, column: rows[limit][1]}] if len(rows) > limit else shown


def whole(rows: list[tuple[str, float]], column: str, metric: str) -> list[Object]:
    """One row for all routes: a sum of counts, and of figures the highest, which no percentile is beyond."""
    if not rows:
        return []
    return [{column: sum(figure for _, figure in rows) if metric in COUNTS else rows[0][1]}]
