"""The vendors' status pages (Statuspage v2), as the sandbox plays them: /{vendor}/api/v2/summary.json."""

import re
from datetime import datetime, timedelta
from typing import Any

from peakops.sandbox.refusals import only, unknown
from peakops.sandbox.times import written
from peakops.sandbox.vendors import RESOURCES
from peakops.sandbox.wire import Answer, Request, State

NAME = "status"
ROUTES = (("GET", "/{vendor}/api/v2/summary.json"),)
PAGE = re.compile(r"/([a-z]+)/api/v2/summary\.json")

DOWN = "down"
WORDS = {
    "none": ("All Systems Operational", "operational"),
    "minor": ("Minor Service Outage", "degraded_performance"),
    "major": ("Partial System Outage", "partial_outage"),
    "critical": ("Major Service Outage", "major_outage"),
}
"""What a page says with each indicator, and the state of its one component."""

BEGAN = timedelta(minutes=30)
"""How long an incident has been going on, when a world says that there is one."""


def complete(part: State, now: datetime) -> State:  # noqa: ARG001 - a page's state does not depend on the time
    """The world's part, checked; a vendor that is not named has no trouble."""
    only(part, RESOURCES[NAME], NAME, "vendor")
    for vendor, state in part.items():
        if state not in (*WORDS, DOWN):
            unknown(f"{NAME}.{vendor}", "state of a status page", state, (*WORDS, DOWN))
    return dict(part)


def handle(state: State, request: Request) -> Answer:
    """A page's summary. One that is down is a page of HTML with 503, as the hosts of such pages answer then."""
    match = PAGE.fullmatch(request.path)
    if request.method != "GET" or match is None or match[1] not in RESOURCES[NAME]:
        return Answer(status=404, body={"error": "not found"}, headers={"Sandbox-Unknown-Route": "1"})
    indicator = state.get(match[1], "none")
    if indicator == DOWN:
        html = b"<html><body><h1>503 Service Unavailable</h1></body></html>"
        return Answer(status=503, body=html, headers={"Content-Type": "text/html; charset=utf-8"})
    return Answer(body=summary(match[1], indicator, request.now))


def summary(vendor: str, indicator: str, now: datetime) -> dict[str, Any]:
    """Statuspage's summary: the page, its one component, and the incident if there is one."""
    says, component_is = WORDS[indicator]
    began = written(now - BEGAN)
    component = {
        "id": f"{vendor}-api",
        "name": "API",
        "status": component_is,
        "created_at": "2020-01-01T00:00:00Z",
        "updated_at": began,
        "position": 1,
        "description": None,
        "group": False,
        "group_id": None,
        "page_id": vendor,
        "only_show_if_degraded": False,
    }
    return {
        "page": {
            "id": vendor,
            "name": vendor.capitalize(),
            "url": f"https://{vendor}.status.example",
            "time_zone": "Etc/UTC",
            "updated_at": written(now),
        },
        "components": [component],
        "incidents": [] if indicator == "none" else [incident(vendor, indicator, began, component)],
        "scheduled_maintenances": [],
        "status": {"indicator": indicator, "description": says},
    }


def incident(vendor: str, impact: str, began: str, component: dict[str, Any]) -> dict[str, Any]:
    """An incident that is not resolved."""
    identifier = f"{vendor}-incident"
    return {
        "id": identifier,
        "name": "Elevated error rates",
        "status": "investigating",
        "impact": impact,
        "created_at": began,
        "started_at": began,
        "updated_at": began,
        "monitoring_at": None,
        "resolved_at": None,
        "shortlink": f"https://stspg.example/{vendor}",
        "page_id": vendor,
        "incident_updates": [
            {
                "id": f"{identifier}-1",
                "incident_id": identifier,
                "status": "investigating",
                "body": "We are investigating elevated error rates.",
                "created_at": began,
                "updated_at": began,
                "display_at": began,
            }
        ],
        "components": [component],
    }


def refuse(status: int, error: str, retry_after: float | None) -> Answer:
    """A fault; Statuspage says little more than the status."""
    headers = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
    return Answer(status=status or 500, body={"error": error or f"status {status or 500}"}, headers=headers)
