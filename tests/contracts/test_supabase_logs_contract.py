"""What peakops asks of Supabase's platform logs, and what the sandbox answers, against the Management API itself."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openapi import Specification, places, specification
from recorder import Exchange, Recorder, template

from peakops.settings import Settings
from peakops.sources.supabase_logs import PAUSED, SupabaseLogs

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
ANNA = "55555555-5555-4555-8555-000000000101"
LOGS = ("GET", "/v1/projects/{ref}/analytics/endpoints/logs.all")
PROJECT = ("GET", "/v1/projects/{ref}")
NOT_YET = "/v1/projects/{ref}/analytics/endpoints/logs.all.otel"
"""The newer engine's endpoint, which Supabase's own dashboard uses and the document of 2026-06-01 lacks."""


@pytest.fixture(scope="module")
def spec(specs: Path) -> Specification:
    return specification(specs / "supabase" / "management_api_openapi.json")


@pytest.fixture
def heard(load: Any) -> Any:
    """All that is said when a person's logs are asked for, of a project with the older engine."""

    def heard(**part: Any) -> list[Exchange]:
        world = {"says": "Logs.", "now": "2026-11-20T15:00:00Z", "supabase": {"logs_engine": "bigquery", **part}}
        box = load(world)
        recorder = Recorder(box.vendor_url("supabase"))
        settings = Settings(
            supabase_url="https://abcdefghijklmnopqrst.supabase.co",
            supabase_token=box.supabase_token,
            supabase_management_url=recorder.url,
        )
        client = SupabaseLogs(settings, deadline=time.monotonic() + 10)
        client.person(id=ANNA, addresses=["203.0.113.24"], since=NOW - timedelta(hours=30), until=NOW)
        recorder.shutdown()
        return recorder.heard

    return heard


def line() -> dict[str, Any]:
    told = {"auth_event.action": "login", "auth_event.actor_id": ANNA, "status": "200", "path": "/token"}
    return {"timestamp": "-2h", "source": "auth_logs", "attributes": told}


def test_what_is_asked_and_answered_is_in_the_document(spec: Specification, heard: Any) -> None:
    """Path, parameters and their forms, and the sandbox's whole answer; a day at most, and both ends named."""
    asked = [each for each in heard(logs=[line()]) if each.path.endswith("/logs.all")]

    assert asked
    for said in asked:
        assert LOGS == (said.method, template(spec, said))
        query = dict(said.values)
        assert {} == spec.query_errors(*LOGS, query)
        assert {"sql", "iso_timestamp_start", "iso_timestamp_end"} == set(query)
        start, end = (datetime.fromisoformat(query[f"iso_timestamp_{each}"]) for each in ("start", "end"))
        assert end - start <= timedelta(hours=24)
        assert {} == places(spec.response_errors(*LOGS, said.answer))
    assert [1] == [len(each.answer["result"]) for each in asked if each.answer["result"]]


def test_the_state_of_the_project_is_in_the_document(spec: Specification, heard: Any) -> None:
    """It is asked where the logs are empty; each state that counts as paused is one that Supabase has."""
    said = heard()[-1]
    states = spec.schemas["V1ProjectWithDatabaseResponse"]["properties"]["status"]["enum"]

    assert PROJECT == (said.method, template(spec, said))
    assert {} == places(spec.response_errors(*PROJECT, said.answer))
    assert set() == PAUSED - set(states)
    assert spec.response_errors(*PROJECT, {**said.answer, "status": "SLEEPING"})


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ({"query": "select 1"}, "query"),
        ({"iso_timestamp_begin": "2026-11-20T15:00:00Z"}, "iso_timestamp_begin"),
        ({"sql": "select 1", "period": "1d"}, "period"),
    ],
)
def test_a_request_that_must_be_refused_is(query: dict[str, str], wrong: str, spec: Specification) -> None:
    """A parameter of another name would be passed over, and the last minute alone looked at."""
    assert [wrong] == list(spec.query_errors(*LOGS, query))


@pytest.mark.parametrize("body", [{"result": {}}, {"result": [], "error": {"message": "x"}}, {"error": 7}])
def test_an_answer_of_another_shape_is_noticed(body: dict[str, Any], spec: Specification) -> None:
    """Rows are a list; an error is a text, or the whole of BigQuery's."""
    assert spec.response_errors(*LOGS, body)


def test_a_range_of_more_than_a_day_is_refused_by_the_sandbox_too(load: Any) -> None:
    """As the document says of the real one."""
    from peakops.sandbox.vendors.supabase import logs
    from peakops.sandbox.wire import Request

    query = {"iso_timestamp_start": "2026-11-19T14:59:00Z", "iso_timestamp_end": "2026-11-20T15:00:00Z"}
    asked = Request(method="GET", path=LOGS[1], query=tuple(query.items()), now=NOW)

    assert 400 == logs.logs({"logs": [], "logs_engine": "bigquery"}, asked, "bigquery").status


def test_what_the_document_lacks_is_what_is_listed(spec: Specification) -> None:
    """Once it has the newer endpoint, the contract above is to hold it to it."""
    assert NOT_YET not in spec.document["paths"]
