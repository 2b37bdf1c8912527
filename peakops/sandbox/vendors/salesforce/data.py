"""The REST API under /services/data: who asks, what the day's requests still allow, and the route."""

import re
from collections.abc import Callable
from functools import cache
from urllib.parse import urlencode

from peakops.sandbox.vendors.salesforce import batches, cases, pages, versions
from peakops.sandbox.vendors.salesforce.asked import Asked
from peakops.sandbox.vendors.salesforce.envelope import Refusal
from peakops.sandbox.vendors.salesforce.login import user_of
from peakops.sandbox.wire import Answer, Request, State

ROOT = "/services/data"
LONGEST_ADDRESS_BYTES = 16_384
"""Salesforce answers a longer one with 414."""
UNKNOWN_ROUTE = {"Sandbox-Unknown-Route": "1"}
REQUESTS = "DailyApiRequests"

_PATH = re.compile(rf"{ROOT}/v([^/]+)/(.*)", re.DOTALL)


def limits(asked: Asked) -> Answer:
    """GET /limits."""
    return Answer(body=asked.state["limits"])


def composite(asked: Asked) -> Answer:
    """POST /composite."""
    return batches.composite(asked, within)


ACTS: dict[tuple[str, str], Callable[..., Answer]] = {
    ("GET", "limits"): limits,
    ("GET", "query"): pages.query,
    ("GET", "queryAll"): pages.query_all,
    ("GET", "query/{locator}"): pages.more,
    ("GET", "sobjects/Case/describe"): cases.describe,
    ("POST", "sobjects/Case"): cases.create,
    ("GET", "sobjects/Case/{id}"): cases.by_id,
    ("GET", "sobjects/Case/{field}/{value}"): cases.by_external,
    ("PATCH", "sobjects/Case/{field}/{value}"): cases.upsert,
    ("POST", "composite"): composite,
}
"""In the order in which they are tried."""

ROUTES: tuple[tuple[str, str], ...] = (
    ("GET", ROOT),
    ("GET", f"{ROOT}/"),
    *((method, f"{ROOT}/v{{version}}/{path}{end}") for method, path in ACTS for end in ("", "/")),
)


def data(state: State, request: Request) -> Answer:
    """What the API answers, with the day's usage in a header of every answer to who is logged in."""
    if request.path.rstrip("/") == ROOT and request.method == "GET":
        return Answer(body=versions.listed())
    found = _PATH.fullmatch(request.path)
    if found is None:
        return unknown()
    versions.require(found[1])
    user = user_of(state, request)
    if user is None:
        raise Refusal("INVALID_SESSION_ID")
    asked = Asked(state, request, found[1], user)
    answer = counted(asked)
    day = state["limits"][REQUESTS]
    usage = {"Sforce-Limit-Info": f"api-usage={day['Max'] - day['Remaining']}/{day['Max']}"}
    return Answer(status=answer.status, body=answer.body, headers={**answer.headers, **usage})


def counted(asked: Asked) -> Answer:
    """The answer, if the day's requests are not used up."""
    day = asked.state["limits"][REQUESTS]
    if day["Remaining"] <= 0:
        return Refusal("REQUEST_LIMIT_EXCEEDED").answer()
    day["Remaining"] -= 1
    if len(asked.request.path) + len(urlencode(asked.request.query)) > LONGEST_ADDRESS_BYTES:
        return Answer(status=414, body=b"URI Too Long", headers={"Content-Type": "text/plain"})
    return routed(asked)


def within(asked: Asked, request: Request) -> Answer:
    """One request of a composite one: it names its version itself, and is not counted."""
    found = _PATH.fullmatch(request.path)
    return unknown() if found is None else routed(Asked(asked.state, request, found[1], asked.user))


def routed(asked: Asked) -> Answer:
    """The answer of the route, be it a refusal."""
    try:
        versions.require(asked.version)
        return acted(asked)
    except Refusal as refusal:
        return refusal.answer()


def acted(asked: Asked) -> Answer:
    """What the route does. A final slash means nothing; simple-salesforce writes one."""
    path = asked.request.path.removeprefix(f"{asked.root}/").removesuffix("/")
    allowed = []
    for (method, template), act in ACTS.items():
        match = re.fullmatch(pattern_of(template), path, re.DOTALL)
        if match is not None and method == asked.request.method:
            return act(asked, *match.groups())
        if match is not None:
            allowed.append(method)
    if allowed:
        says = f"HTTP Method '{asked.request.method}' not allowed. Allowed are {','.join(allowed)}"
        raise Refusal("METHOD_NOT_ALLOWED", says)
    return unknown()


@cache
def pattern_of(template: str) -> str:
    """A template as a regular expression: an external id may hold slashes, other parts of a path do not."""
    return re.sub(r"{(\w+)}", lambda found: "(.+)" if found[1] == "value" else "([^/]+)", template)


def unknown() -> Answer:
    """A route that there is not."""
    answer = Refusal("NOT_FOUND").answer()
    return Answer(status=answer.status, body=answer.body, headers=UNKNOWN_ROUTE)
