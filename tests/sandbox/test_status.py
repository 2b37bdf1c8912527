"""The vendors' status pages as the sandbox plays them."""

import json

import pytest
from conftest import call, world

from peakops import sandbox
from peakops.errors import BadInput

SUMMARY = "/status/{}/api/v2/summary.json"


def summary(box, vendor):
    status, _, text = call(box, "GET", SUMMARY.format(vendor))
    assert 200 == status
    return json.loads(text)


def test_a_vendor_that_is_not_named_has_no_trouble(play):
    """Its page says `none`, and lists no incident."""
    said = summary(play(status={"stripe": "major"}), "supabase")
    assert {"indicator": "none", "description": "All Systems Operational"} == said["status"]
    assert ([], ["operational"]) == (said["incidents"], [each["status"] for each in said["components"]])


@pytest.mark.parametrize(
    ("state", "component"),
    [("minor", "degraded_performance"), ("major", "partial_outage"), ("critical", "major_outage")],
)
def test_trouble_is_an_incident_and_a_component(play, state, component):
    """The indicator, an incident that is not resolved since half an hour, and a component that does not work well."""
    said = summary(play(status={"vercel": state}), "vercel")
    (incident,) = said["incidents"]
    assert (state, state, component) == (
        said["status"]["indicator"],
        incident["impact"],
        said["components"][0]["status"],
    )
    assert ("investigating", None, "2026-11-20T14:30:00Z") == (
        incident["status"],
        incident["resolved_at"],
        incident["started_at"],
    )


def test_a_page_that_is_down(play):
    """It is no JSON, and no 200."""
    status, headers, text = call(play(status={"resend": "down"}), "GET", SUMMARY.format("resend"))
    assert (503, "text/html; charset=utf-8", True) == (status, headers["Content-Type"], text.startswith("<html>"))


def test_a_page_that_nobody_has(play, home):
    """404, and noted as a request that nobody knows."""
    assert 404 == call(play(), "GET", "/status/stripe/api/v2/incidents.json")[0]
    assert 404 == call(play(), "GET", SUMMARY.format("github"))[0]
    assert [SUMMARY.format("github").removeprefix("/status")] == [
        each["path"] for each in sandbox.unknown_requests(home)
    ]


def test_a_fault_of_a_page(play):
    """A page can be struck as every vendor can."""
    box = play(faults=[{"vendor": "status", "route": "GET /stripe/*", "status": 429, "retry_after": 9}])
    status, headers, _ = call(box, "GET", SUMMARY.format("stripe"))
    assert (429, "9", "none") == (status, headers["Retry-After"], summary(box, "resend")["status"]["indicator"])


@pytest.mark.parametrize(
    ("part", "says"),
    [
        ({"strip": "none"}, "status.strip: no such vendor; did you mean stripe?"),
        ({"stripe": "mayor"}, "status.stripe: no such state of a status page; did you mean major?"),
    ],
)
def test_a_part_that_is_refused(home, part, says):
    """By the place in the file, with the name that was perhaps meant."""
    with pytest.raises(BadInput) as refused:
        sandbox.load(home, world(status=part), source="")
    assert says in str(refused.value)
