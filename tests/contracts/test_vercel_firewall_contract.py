"""What peakops and the sandbox's firewall say to each other, against the part of Vercel's specification that we use."""

import json
import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from openapi import Specification, places, specification
from recorder import Exchange, Recorder, template

from peakops.cli.sandboxed import settings_of, write_keys_of
from peakops.sandbox.state import Sandbox
from peakops.sources.firewall import Firewall
from peakops.sources.vercel_writer import VercelWriter

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
PART = {
    "firewall": {
        "ips": [{"id": "ip_1", "ip": "192.0.2.0/24", "notes": "peakops lease x"}],
        "rules": [
            {
                "id": "rule_1",
                "name": "api-burst",
                "rate_limit": {"limit": 100, "window": 60, "keys": ["ip", "ja4"]},
                "conditions": [
                    [{"type": "path", "op": "pre", "value": "/api"}],
                    [{"type": "method", "op": "eq", "value": "POST"}],
                ],
                "duration": "5m",
            }
        ],
    },
    "firewall_events": [
        {
            "public_ip": "192.0.2.7",
            "count": 40,
            "startTime": "-2h",
            "endTime": "-1h",
            "ruleId": "rule_1",
            "ruleName": "api-burst",
        },
        {"public_ip": "192.0.2.8", "count": 2, "startTime": "-1h"},
    ],
}
CONFIG, EVENTS = "/v1/security/firewall/config", "/v1/security/firewall/events"
OF = {"plan": "p", "key": "k"}
Side = tuple[Firewall, VercelWriter]
CALLS: dict[str, Callable[[Side], Any]] = {
    "blocks": lambda side: side[0].blocks(),
    "rules": lambda side: side[0].rules(),
    "draft": lambda side: side[0].draft(),
    "events": lambda side: side[0].events(since=NOW - timedelta(days=1), until=NOW),
    "block": lambda side: side[1].block(network="198.51.100.0/24", notes="peakops lease y", lease="y", **OF),
    "unblock": lambda side: side[1].unblock(network="192.0.2.0/24", entry="ip_1", **OF),
    "set_limit": lambda side: side[1].set_limit(rule="rule_1", limit=500, held=100, despite_draft=False, **OF),
}
WRITES = ("block", "unblock", "set_limit")
WRONG: dict[str, list[dict[str, Any]]] = {
    "block": [
        {"value": {"hostname": None}},
        {"value": {"ip": None}},
        {"value": {"action": "drop"}},
        {"value": {"until": "2026-11-21"}},
        {"action": "ip.add"},
        {"ttl": 3600},
    ],
    "unblock": [{"id": None}, {"action": "ip.delete"}],
    "set_limit": [
        {"id": None},
        {"value": {"name": None}},
        {"value": {"active": None}},
        {"value": {"conditionGroup": None}},
        {"value": {"action": None}},
        {"value": {"limit": 500}},
        {"value": {"name": "n" * 161}},
    ],
}
"""Changes of a body that is right, each of which must be refused; None takes the field away."""


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
        deadline = time.monotonic() + 20
        CALLS[call](
            (Firewall(settings, deadline=deadline), VercelWriter(settings, write_keys_of(box), deadline=deadline))
        )
        recorder.shutdown()
        return recorder.heard

    return heard


@pytest.fixture
def told(load: Any) -> Callable[..., tuple[int, Any]]:
    """What the sandbox answers, be it a refusal: the status and the document."""
    box = load({"says": "Vercel.", "now": "2026-11-20T15:00:00Z", "vercel": PART})

    def told(method: str, path: str, body: Any = None) -> tuple[int, Any]:
        data = None if body is None else json.dumps(body).encode()
        url = f"{box.vendor_url('vercel')}{path}?projectId={Sandbox.vercel_project}&teamId={Sandbox.vercel_team}"
        headers = {"Authorization": f"Bearer {box.vercel_token}"}
        try:
            with urlopen(Request(url, data, headers, method=method)) as answer:
                return answer.status, json.loads(answer.read())
        except HTTPError as refused:
            return refused.code, json.loads(refused.read())

    return told


def changed(body: dict[str, Any], wrong: dict[str, Any]) -> dict[str, Any]:
    """A body with some fields changed, of its value too; None takes a field away."""
    made = deepcopy(body)
    for name, value in wrong.items():
        if name == "value":
            made["value"] = changed(made["value"], value)
        elif value is None:
            del made[name]
        else:
            made[name] = value
    return made


@pytest.mark.parametrize("call", CALLS)
def test_what_is_said_is_in_the_specification(
    call: str, spec: Specification, heard: Callable[[str], list[Exchange]]
) -> None:
    """Each request's path, query and body, and each answer of the sandbox's."""
    for each in heard(call):
        path = template(spec, each)
        assert set() == set(each.query) - spec.parameters(each.method, path)
        if each.body is not None:
            assert {} == places(spec.request_errors(each.method, path, each.body))
        assert 200 == each.status
        assert {} == places(spec.response_errors(each.method, path, each.answer))


@pytest.mark.parametrize(("call", "wrong"), [(call, each) for call in WRITES for each in WRONG[call]], ids=str)
def test_a_change_that_must_be_refused_is(
    call: str,
    wrong: dict[str, Any],
    spec: Specification,
    heard: Callable[[str], list[Exchange]],
    told: Callable[..., tuple[int, Any]],
) -> None:
    """The contract is not blind, and nor is the sandbox: a field that is missing, unknown or of another kind."""
    (said,) = [each for each in heard(call) if each.method == "PATCH"]
    body = changed(said.body, wrong)

    assert {} != places(spec.request_errors("PATCH", CONFIG, body))
    assert 400 == told("PATCH", CONFIG, body)[0]
    assert 400 == told("PATCH", f"{CONFIG}/draft", body)[0]


@pytest.mark.parametrize("call", CALLS)
def test_a_request_of_no_project_is_noticed(
    call: str, spec: Specification, heard: Callable[[str], list[Exchange]]
) -> None:
    """Every call names the project, and nothing that no call has."""
    for said in heard(call):
        path = template(spec, said)
        assert "projectId" in said.query
        assert {"color"} == {*said.query, "color"} - spec.parameters(said.method, path)


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ({"ip": "198.51.100.0/24"}, 200),
        ({"ip": "198.51.100.7"}, 200),
        ({"ip": "2001:db8::/48"}, 200),
        ({"ip": "203.0.0.0/15"}, 400),
        ({"ip": "0.0.0.0/0"}, 400),
        ({"ip": "2001:db8::/32"}, 400),
        ({"ip": "::/0"}, 400),
        ({"ip": "198.51.100.7/24"}, 400),
        ({"ip": "fish"}, 400),
        ({"notes": "n" * 500}, 200),
        ({"notes": "n" * 501}, 400),
    ],
)
def test_the_limits_that_no_specification_tells(
    value: dict[str, str], status: int, told: Callable[..., tuple[int, Any]]
) -> None:
    """Prefixes from /16 and /48 on, and notes of 500 characters, as Vercel's own command has them."""
    entry = {"hostname": "*", "ip": "198.51.100.0/24", "action": "deny", **value}

    assert status == told("PATCH", CONFIG, {"action": "ip.insert", "id": None, "value": entry})[0]


def test_what_nobody_asks_for_yet_is_in_the_specification_too(
    spec: Specification, told: Callable[..., tuple[int, Any]]
) -> None:
    """A draft is begun, shown, published and gone; another is begun and thrown away."""
    change = {"action": "ip.insert", "id": None, "value": {"hostname": "*", "ip": "198.51.100.0/24", "action": "log"}}
    version, activate = f"{CONFIG}/{{configVersion}}", f"{CONFIG}/{{configVersion}}/activate"

    assert {} == places(spec.response_errors("GET", version, told("GET", f"{CONFIG}/active")[1]))
    assert {} == places(spec.response_errors("PATCH", f"{CONFIG}/draft", told("PATCH", f"{CONFIG}/draft", change)[1]))
    assert {} == places(spec.response_errors("GET", CONFIG, told("GET", CONFIG)[1]))
    assert {} == places(spec.response_errors("GET", version, told("GET", f"{CONFIG}/draft")[1]))
    assert {} == places(spec.response_errors("POST", activate, told("POST", f"{CONFIG}/draft/activate", {})[1]))
    assert 404 == told("GET", f"{CONFIG}/draft")[0]
    told("PATCH", f"{CONFIG}/draft", change)
    assert {} == places(spec.response_errors("DELETE", version, told("DELETE", f"{CONFIG}/draft")[1]))
    assert 404 == told("GET", f"{CONFIG}/draft")[0]


@pytest.mark.parametrize(
    ("method", "path", "broken", "place"),
    [
        ("GET", CONFIG, {"active": None, "draft": None}, ""),
        ("GET", CONFIG, {"active": {"ips": [{"id": "i"}]}, "draft": None, "versions": []}, "active.ips.0"),
        ("GET", EVENTS, {"actions": [{"public_ip": "192.0.2.7"}]}, "actions.0"),
    ],
)
def test_an_answer_of_another_shape_is_noticed(
    method: str, path: str, broken: Any, place: str, spec: Specification
) -> None:
    """So that it is Vercel's shape that the client reads, and not one that was made up for it."""
    assert place in places(spec.response_errors(method, path, broken))
