"""The status pages' client: what a page says, and that one that does not answer says nothing."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from peakops.errors import NotConfigured, PeakopsError, TimedOut, Unreachable
from peakops.sources.status import PAGES, Status

from .played import Reply

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)


@pytest.fixture
def status(load):
    """A client of the sandbox's pages."""

    def client(**pages):
        box = load({"says": "The vendors' own pages.", "now": "2026-11-20T15:00:00Z", "status": pages})
        urls = {name: f"{box.vendor_url('status')}/{name}/api/v2/summary.json" for name in PAGES}
        return Status(urls, deadline=time.monotonic() + 10)

    return client


def summary(indicator="none", **more):
    status = {"indicator": indicator, "description": "All Systems Operational"}
    return {"status": status, "incidents": [], "scheduled_maintenances": [], **more}


def page_of(server, seconds=10.0):
    return Status({"stripe": f"{server.url}/s.json"}, deadline=time.monotonic() + seconds).page(vendor="stripe")


@pytest.mark.parametrize("vendor", PAGES)
def test_a_page_without_trouble(vendor, status):
    """The indicator, a sentence, and no incident."""
    brought = status().page(vendor=vendor)

    assert brought.single
    assert (vendor, "none", []) == tuple(brought.rows[0][name] for name in ("vendor", "indicator", "incidents"))
    assert brought.rows[0]["description"]


@pytest.mark.parametrize("indicator", ["minor", "major", "critical"])
def test_an_incident_is_told(indicator, status):
    """Its name, how bad it is, since when, and where it is told of."""
    (row,) = status(stripe=indicator).page(vendor="stripe").rows
    (incident,) = row["incidents"]

    assert (indicator, indicator) == (row["indicator"], incident["impact"])
    assert NOW - timedelta(minutes=30) == incident["since"]
    assert incident["name"]
    assert incident["link"].startswith("https://")


def incident(**more):
    return {"name": "Errors", "status": "monitoring", "impact": "minor", "created_at": "2026-11-20T14:00:00Z", **more}


def test_what_is_over_is_not_told(played):
    """An incident that is resolved stays on the page for a while."""
    over = [incident(status=each) for each in ("resolved", "postmortem")]
    (row,) = page_of(played(Reply(body=summary("minor", incidents=[*over, incident()])))).rows

    assert ["monitoring"] == [each["status"] for each in row["incidents"]]


def test_work_that_is_being_done_is_maintenance(played):
    """Work that is only planned is not."""
    works = [incident(status=each, impact="maintenance") for each in ("scheduled", "in_progress")]
    (row,) = page_of(played(Reply(body=summary(scheduled_maintenances=works)))).rows

    assert ("maintenance", ["in_progress"]) == (row["indicator"], [each["status"] for each in row["incidents"]])


def test_a_long_name_is_cut(played):
    """Some pages put the whole report into it; it stays one line."""
    (row,) = page_of(played(Reply(body=summary(incidents=[incident(name="Errors\n" * 99)])))).rows
    name = row["incidents"][0]["name"]

    assert (200, "Errors Errors", "…") == (len(name), name[:13], name[-1])


@pytest.mark.parametrize("link", ["javascript:alert(1)", "http://stspg.example/x", None, 7])
def test_a_link_that_is_none_is_left_out(link, played):
    """Only an https address is one."""
    (row,) = page_of(played(Reply(body=summary(incidents=[incident(shortlink=link)])))).rows

    assert "" == row["incidents"][0]["link"]


@pytest.mark.parametrize(
    "body",
    [
        "<html>",
        {},
        {"status": "none"},
        summary("fine"),
        {"status": {"indicator": "none", "description": "x"}},
        summary(incidents=[{"status": "monitoring"}]),
        summary(incidents=[incident(created_at="soon")]),
    ],
)
def test_a_page_that_is_no_statuspage_cannot_be_read(body, played):
    """It must not be taken for one without trouble."""
    with pytest.raises(Unreachable) as refused:
        page_of(played(Reply(body=body)))

    assert ("status.unreadable", "status") == (refused.value.code, refused.value.source)


def test_a_page_that_is_down_says_nothing(status):
    """It raises, so that whoever asks takes it for unknown; the other pages answer."""
    client = status(stripe="down")
    with pytest.raises(PeakopsError) as refused:
        client.page(vendor="stripe")

    assert "status.failed" == refused.value.code
    assert "none" == client.page(vendor="supabase").rows[0]["indicator"]


@pytest.mark.parametrize("reply", [Reply(drip=True)])
def test_a_page_has_three_seconds(reply, played):
    """However much time there is, and it is asked once."""
    server, start = played(reply), time.monotonic()
    with pytest.raises(TimedOut):
        page_of(server, seconds=30)

    assert 2.5 < time.monotonic() - start < 4
    assert 1 == len(server.asked)


def test_a_page_that_moved_is_followed_on_its_host_only(played):
    """A page may move; to a host that is not one of the vendors' it is not followed."""
    there = played(Reply(body=summary()))
    assert (
        "none"
        == page_of(played(Reply(302, headers={"Location": "/t.json"}), Reply(body=summary()))).rows[0]["indicator"]
    )
    with pytest.raises(Unreachable):
        page_of(played(Reply(302, headers={"Location": f"{there.url}/s.json"})))

    assert [] == there.asked


def test_a_vendor_without_a_page_is_said():
    """UPS has none that a machine reads."""
    with pytest.raises(NotConfigured, match="No status page of ups"):
        Status({}, deadline=time.monotonic() + 1).page(vendor="ups")


def test_the_usual_addresses_take_no_key():
    """All of them are https, and another address takes the place of one."""
    assert all(page.startswith("https://") for page in PAGES.values())
    with pytest.raises(NotConfigured, match="PEAKOPS_STATUS_URLS"):
        Status({"stripe": "http://status.example"}, deadline=time.monotonic() + 1).page(vendor="stripe")
