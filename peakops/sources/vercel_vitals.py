"""Speed Insights: what visitors' browsers measured, asked of Vercel's Observability, each metric by route at once."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

from peakops.errors import PeakopsError
from peakops.sources.http import Http
from peakops.sources.http_errors import Answer
from peakops.sources.threads import at_once

METRICS = ("lcp_ms", "inp_ms", "cls", "fcp_ms", "ttfb_ms")
FAMILY = "vercel.speed_insights."
MOST_ROUTES = 200
"""Vercel puts the other routes together, as Others."""
OTHERS = "Others"
PRODUCTION = "environment eq 'production'"
ASKED = f"POST /v2/observability/query for {FAMILY}*, p75 by route"
UNCOUNTED = "Vercel did not tell how many measurements the figures are of."
CUT = f"Of more than {MOST_ROUTES} routes, those with the lowest figures are left out."
By = Mapping[str, float]
"""Figures by route."""
Ask = Callable[[Mapping[str, Any]], Answer]


def measured(
    http: Http, owner: str, project: str, team: Mapping[str, str], since: datetime, until: datetime
) -> tuple[list[Answer], list[dict[str, Any]], tuple[str, ...]]:
    """
    The answers, the rows (route, metric, p75, count) and the notes.

    Raises the first error of a figure; how many measurements it is of may be missing.
    """
    # A team's figures are asked for in its name, as every other call is; the body alone would not do.
    ask = partial(http.search, f"/v2/observability/query?{urlencode(team)}" if team else "/v2/observability/query")
    asked = partial(query, owner=owner, project=project, since=since, until=until)
    ways = [partial(_figures, http, ask, asked(metric, "p75")) for metric in METRICS]
    ways += [partial(_counts, http, ask, asked(count_of(metric), "sum")) for metric in METRICS]
    heard = at_once(ways)
    figures, counts = heard[: len(METRICS)], heard[len(METRICS) :]
    rows = [
        {"route": route, "metric": metric, "p75": p75, "count": None if route not in count else int(count[route])}
        for metric, (_, found), (_, count) in zip(METRICS, figures, counts, strict=True)
        for route, p75 in found.items()
        if route.startswith("/")
    ]
    notes = ((CUT,) if any(OTHERS in found for _, found in figures) else ()) + (
        (UNCOUNTED,) if any(answer is None for answer, _ in counts) else ()
    )
    answers = [answer for answer, _ in heard if answer]
    return answers, sorted(rows, key=lambda each: (each["route"], METRICS.index(each["metric"]))), notes


def query(metric: str, aggregation: str, *, owner: str, project: str, since: datetime, until: datetime) -> Any:
    """The body that asks for one metric by route, the highest figures first."""
    return {
        "metric": f"{FAMILY}{metric}",
        "aggregation": aggregation,
        "scope": {"type": "project", "ownerId": owner, "projectIds": [project]},
        "groupBy": ["route"],
        "filter": PRODUCTION,
        "startTime": _written(since),
        "endTime": _written(until),
        # Of the whole time there is a summary in any case; without this Vercel sends each hour beside it.
        "granularity": {"days": 1},
        "limit": MOST_ROUTES,
        "orderBy": column(metric, aggregation),
        "orderDirection": "desc",
    }


def count_of(metric: str) -> str:
    """The metric that counts the measurements of another."""
    return f"{metric.removesuffix('_ms')}_count"


def column(metric: str, aggregation: str) -> str:
    """How an answer calls a figure: vercel_speed_insights_lcp_ms_p75."""
    return re.sub(r"[./]", "_", f"{FAMILY}{metric}_{aggregation}")


def _figures(http: Http, ask: Ask, body: Mapping[str, Any]) -> tuple[Answer | None, By]:
    """The figures of the whole time; a percentile of days is none of the week."""
    answer = ask(body)
    with http.reading(answer):
        rows = [(each["route"], each[body["orderBy"]]) for each in answer.body["summary"]]
        figures = {str(route): figure for route, figure in rows if route and figure is not None}
        if not all(map(math.isfinite, figures.values())):
            raise ValueError("a figure that is no number")
        return answer, figures


def _counts(http: Http, ask: Ask, body: Mapping[str, Any]) -> tuple[Answer | None, By]:
    """As the figures; nothing where they cannot be read, since a figure without them is still one."""
    try:
        return _figures(http, ask, body)
    except PeakopsError:
        return None, {}


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
