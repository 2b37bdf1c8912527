"""What peakops and the sandbox's Vercel say to each other, against the part of Vercel's specification that we use."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from openapi import Specification, places, specification
from recorder import Exchange, Recorder, template

from peakops.cli.sandboxed import settings_of
from peakops.sandbox.state import Sandbox
from peakops.sources.vercel import Vercel
from peakops.sources.vercel_vitals import METRICS

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
WEEK = {"since": NOW - timedelta(days=7), "until": NOW}
META = {"githubCommitRef": "main", "githubCommitSha": "a1b2c3"}
PART = {
    "deployments": [
        {"uid": "dpl_1", "created": "-2h", "meta": META},
        {"uid": "dpl_2", "created": "-1d", "state": "ERROR", "error_code": "BUILD_FAILED"},
        {"uid": "dpl_3", "created": "-2d", "target": "preview"},
    ],
    "speed_insights": [{"route": "/cases/[id]", "metric": metric, "p75": 900.5, "count": 310} for metric in METRICS],
    "token": {"expires_at": "+30d"},
}
QUERY = "/v2/observability/query"
CALLS: dict[str, tuple[Callable[[Vercel], Any], str]] = {
    # what is called, and the part of the last request that must not be missing
    "token": (lambda vercel: vercel.token(), "path"),
    "project": (lambda vercel: vercel.project(), "path"),
    "deployments": (lambda vercel: vercel.deployments(**WEEK), "path"),
    "vitals": (lambda vercel: vercel.vitals(**WEEK), "body.metric"),
}


@pytest.fixture(scope="module")
def spec(specs: Path) -> Specification:
    """The part of Vercel's specification that we use."""
    return specification(specs / "vercel" / "vercel-peakops-cut.json")


@pytest.fixture
def heard(load: Any) -> Callable[[str], list[Exchange]]:
    """All that is said when a call is made."""

    def heard(call: str) -> list[Exchange]:
        box = load({"says": "Vercel.", "now": "2026-11-20T15:00:00Z", "vercel": PART})
        recorder = Recorder(box.vendor_url("vercel"))
        settings = replace(settings_of(box), vercel_url=recorder.url)
        CALLS[call][0](Vercel(settings, deadline=time.monotonic() + 20))
        recorder.shutdown()
        return recorder.heard

    return heard


@pytest.fixture
def told(load: Any) -> Callable[[str], Any]:
    """What the sandbox answers at a path, be it a refusal; the client does not ask there yet."""

    def told(path: str, query: str = "?slug=peak-dental-studio", body: Any = None) -> Any:
        box = load({"says": "Vercel.", "now": "2026-11-20T15:00:00Z", "vercel": PART})
        data = None if body is None else json.dumps(body).encode()
        url = f"{box.vendor_url('vercel')}{path}{query}"
        try:
            with urlopen(Request(url, data, {"Authorization": f"Bearer {box.vercel_token}"})) as answer:
                return json.loads(answer.read())
        except HTTPError as refused:
            return json.loads(refused.read())

    return told


def faults(spec: Specification, said: Exchange) -> dict[str, str]:
    """What the specification holds against a request: its path, the names in its query, and its body."""
    try:
        path = template(spec, said)
    except AssertionError as wrong:
        return {"path": str(wrong)}
    unknown = {f"query.{name}": "unknown" for name in set(said.query) - spec.parameters(said.method, path)}
    return unknown if said.body is None else {**unknown, **places(spec.request_errors(said.method, path, said.body))}


def without(said: Exchange, part: str) -> Exchange:
    """The request without a part of it."""
    where, _, name = part.partition(".")
    if where == "path":
        return replace(said, path=f"{said.path}/")
    return replace(said, body={key: value for key, value in said.body.items() if key != name})


@pytest.mark.parametrize("call", CALLS)
def test_what_is_said_is_in_the_specification(
    call: str, spec: Specification, heard: Callable[[str], list[Exchange]]
) -> None:
    """Each request's path, query and body, and each answer of the sandbox's."""
    said = heard(call)

    assert {} == {key: wrong for each in said for key, wrong in faults(spec, each).items()}
    for each in said:
        assert {} == places(spec.response_errors(each.method, template(spec, each), each.answer))


@pytest.mark.parametrize("call", CALLS)
def test_a_request_that_must_be_refused_is(
    call: str, spec: Specification, heard: Callable[[str], list[Exchange]]
) -> None:
    """The contract is not blind: the same request without one part that is needed, and with one that nobody has."""
    said, part = heard(call)[-1], CALLS[call][1]

    assert {} != faults(spec, without(said, part))
    assert {"query.color": "unknown"} == faults(spec, replace(said, query=(*said.query, "color")))


@pytest.mark.parametrize(
    "wrong",
    [
        {"scope": {"type": "project", "projectIds": ["prj_1"]}},
        {"scope": {"type": "project", "ownerId": "team_1", "projectIds": []}},
        {"granularity": {"interval": "1d"}},
        {"granularity": {"days": 1, "hours": 1}},
        {"orderDirection": "down"},
        {"groupBy": "route"},
    ],
)
def test_a_query_of_another_shape_is_noticed(
    wrong: dict[str, Any], spec: Specification, heard: Callable[[str], list[Exchange]]
) -> None:
    """Each of these was tried by somebody before the true shape was found."""
    said = next(each for each in heard("vitals") if each.path == QUERY)

    assert {} != faults(spec, replace(said, body={**said.body, **wrong}))


@pytest.mark.parametrize(
    ("method", "path", "broken", "place"),
    [
        ("GET", "/v5/user/tokens/{tokenId}", {"token": {"name": "t"}}, "token"),
        ("GET", "/v9/projects/{idOrName}", {"id": "prj_1", "name": "portal"}, ""),
        ("GET", "/v7/deployments", {"deployments": [{"uid": "d"}], "pagination": {}}, "deployments.0"),
        ("POST", QUERY, {"data": []}, ""),
    ],
)
def test_an_answer_of_another_shape_is_noticed(
    method: str, path: str, broken: Any, place: str, spec: Specification
) -> None:
    """So that it is Vercel's shape that the client reads, and not one that was made up for it."""
    assert place in places(spec.response_errors(method, path, broken))


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/v13/deployments/dpl_1", "/v13/deployments/{idOrUrl}"),
        ("/v13/deployments/dpl_2", "/v13/deployments/{idOrUrl}"),
        ("/v13/deployments/dpl_3", "/v13/deployments/{idOrUrl}"),
        ("/v7/deployments", "/v7/deployments"),
        ("/v2/observability/schema", "/v2/observability/schema"),
        ("/v2/observability/schema/vercel.speed_insights", "/v2/observability/schema/{metricId}"),
    ],
)
def test_what_nobody_asks_for_yet_is_in_the_specification_too(
    path: str, template: str, spec: Specification, told: Callable[..., Any]
) -> None:
    """The sandbox's other answers, those of previews and failed deployments among them."""
    assert {} == places(spec.response_errors("GET", template, told(path)))


@pytest.mark.parametrize(
    ("status", "body"),
    [
        ("400", {"metric": 1}),
        ("402", {"metric": "vercel.request.count", "scope": {"type": "owner", "ownerId": Sandbox.vercel_team}}),
    ],
)
def test_a_refusal_is_in_the_envelope_of_the_specification(
    status: str, body: Any, spec: Specification, told: Callable[..., Any]
) -> None:
    """Of a metric that costs, as of a body that is no query."""
    assert {} == places(spec.response_errors("POST", QUERY, told(QUERY, body=body), status))
    assert {"error.code": "402 is not of type 'string'"} == places(
        spec.response_errors("POST", QUERY, {"error": {"code": 402, "message": ""}}, status)
    )
