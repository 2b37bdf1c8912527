"""Vercel's reader against the sandbox, and against a Vercel that goes wrong."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from peakops.cli.sandboxed import settings_of
from peakops.errors import (
    Denied,
    NotConfigured,
    NotFound,
    PeakopsError,
    RateLimited,
    Refused,
    TimedOut,
    Unauthenticated,
    Unreachable,
)
from peakops.settings import Settings
from peakops.sources import http, vercel_vitals
from peakops.sources.vercel import Vercel

from .played import Played, Reply

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
WEEK = {"since": NOW - timedelta(days=7), "until": NOW}
SECRET = {"githubCommitMessage": "Jane Doe's chart", "githubCommitAuthorName": "Casey Canary"}
WORLD = {
    "says": "Two deployments, and what visitors measured.",
    "now": "2026-11-20T15:00:00Z",
    "vercel": {
        "deployments": [
            {
                "uid": "dpl_new",
                "created": "-2h",
                "state": "PONDERING",
                "url": "portal-new.vercel.app",
                "meta": {"githubCommitRef": "main", "githubCommitSha": "a1b2c3", **SECRET},
            },
            {"uid": "dpl_old", "created": "-3d", "meta": {"gitlabCommitRef": "hotfix", "gitlabCommitSha": "d4e5f6"}},
            {"uid": "dpl_preview", "created": "-1h", "target": "preview"},
            {"uid": "dpl_ancient", "created": "-8d"},
        ],
        "speed_insights": [
            {"route": "/cases/[id]", "metric": "lcp_ms", "p75": 4200, "count": 310},
            {"route": "/cases/[id]", "metric": "cls", "p75": 0.26, "count": 300},
            {"route": "/", "metric": "lcp_ms", "p75": 1800, "count": 900},
        ],
    },
}
LOOKS = {
    "deployments": lambda vercel: vercel.deployments(**WEEK),
    "vitals": lambda vercel: vercel.vitals(**WEEK),
    "token": lambda vercel: vercel.token(),
    "project": lambda vercel: vercel.project(),
}
PROJECT = Reply(body={"id": "prj_1", "name": "portal", "accountId": "team_1"})


@pytest.fixture
def vercel(load):
    """A client of the sandbox's Vercel."""

    def client(*, faults=(), seconds=10.0, settings=None, **part):
        world = {**WORLD, "vercel": {**WORLD["vercel"], **part}}
        given = settings_of(load(world, faults=[{"vendor": "vercel", **each} for each in faults]))
        return Vercel(replace(given, **(settings or {})), deadline=time.monotonic() + seconds)

    return client


@pytest.fixture
def at():
    """A client of a server that plays its own part."""

    def client(server, seconds=5.0, **more):
        given = {"vercel_token": "canary-token", "vercel_project": "prj_1", "vercel_team": "team_1", **more}
        return Vercel(Settings(vercel_url=server.url, **given), deadline=time.monotonic() + seconds)

    return client


def failed(look, client):
    with pytest.raises(PeakopsError) as wrong:
        LOOKS[look](client)
    return wrong.value


def test_deployments_of_production_are_told_newest_first(vercel):
    """With the commit that each is of, and a state that no list of Vercel's has; those of previews are left out."""
    brought = vercel().deployments(**WEEK)
    assert [
        {
            "id": "dpl_new",
            "state": "PONDERING",
            "created_at": NOW - timedelta(hours=2),
            "target": "production",
            "branch": "main",
            "sha": "a1b2c3",
            "url": "portal-new.vercel.app",
        }
    ] == [*brought.rows[:1]]
    assert [("dpl_new", "a1b2c3"), ("dpl_old", "d4e5f6")] == [(row["id"], row["sha"]) for row in brought.rows]
    assert "iad1::iad1::" == brought.request_ids[0][:12]
    assert ["dpl_preview"] == [row["id"] for row in vercel().deployments(**WEEK, target="preview").rows]


def test_no_deployment_names_anybody(vercel):
    """A commit's message may hold a patient's name, and who made it is a person."""
    rows = str(vercel().deployments(**WEEK).rows)
    assert "Jane" not in rows
    assert "asey" not in rows


def test_many_deployments_are_read_by_page_and_cut(vercel, monkeypatch):
    """Three pages at most; what is missing is said."""
    monkeypatch.setattr("peakops.sources.vercel.PAGE", 2)
    many = [{"uid": f"dpl_{number}", "created": f"-{number + 1}m"} for number in range(8)]
    cut = vercel(deployments=many).deployments(**WEEK)
    assert [f"dpl_{number}" for number in range(6)] == [row["id"] for row in cut.rows]
    assert ("Only the newest 6 deployments were read.",) == cut.notes
    whole = vercel(deployments=many[:5]).deployments(**WEEK)
    assert (5, ()) == (len(whole.rows), whole.notes)


def test_vitals_are_told_by_route(vercel):
    """Each metric's p75 with the number of measurements; a metric that nobody measured has no row."""
    brought = vercel().vitals(**WEEK)
    assert [
        {"route": "/", "metric": "lcp_ms", "p75": 1800, "count": 900},
        {"route": "/cases/[id]", "metric": "lcp_ms", "p75": 4200, "count": 310},
        {"route": "/cases/[id]", "metric": "cls", "p75": 0.26, "count": 300},
    ] == [*brought.rows]
    assert () == brought.notes


def test_a_team_and_a_project_may_be_named(vercel):
    """Figures are asked for by ids, which are looked up."""
    named = {"vercel_team": "peak-dental-studio", "vercel_project": "portal"}
    client = vercel(settings=named)
    assert [2, 3, 1] == [len(LOOKS[look](client).rows) for look in ("deployments", "vitals", "project")]


def test_without_a_team_the_project_is_not_found(vercel):
    """Vercel looks in the account of the token's user then; the error names the settings."""
    wrong = failed("vitals", vercel(settings={"vercel_team": None}))
    assert (NotFound, "vercel.not_found") == (type(wrong), wrong.code)
    assert "PEAKOPS_VERCEL_TEAM" in wrong.hint


def test_more_routes_than_vercel_tells_apart_are_cut(vercel, monkeypatch):
    """What Vercel puts together as Others is no route."""
    monkeypatch.setattr(vercel_vitals, "MOST_ROUTES", 1)
    brought = vercel().vitals(**WEEK)
    assert {"/cases/[id]"} == {row["route"] for row in brought.rows}
    assert (vercel_vitals.CUT,) == brought.notes


def test_a_token_tells_when_it_ends(vercel):
    """And of whom it is; one that does not end has no time."""
    team = {"expires_at": NOW + timedelta(days=3), "scopes": ["team:team_sandbox00000000000000000"]}
    user = {"expires_at": None, "scopes": ["user"]}
    assert ({"name": "peakops", **team},) == vercel(token={"expires_at": "+3d"}).token().rows
    assert ({"name": "peakops", **user},) == vercel(token={"scope": "user"}).token().rows


def test_a_project_is_its_id_and_name(vercel):
    """No more of it is kept."""
    assert {"id": "prj_sandbox000000000000000000", "name": "portal"} == vercel().project().rows[0]


@pytest.mark.parametrize("look", LOOKS)
def test_a_missing_token_is_a_setting_that_is_missing(vercel, look):
    """By its name, and where it may also come from."""
    wrong = failed(look, vercel(settings={"vercel_token": None}))
    assert (NotConfigured, "vercel.not_configured") == (type(wrong), wrong.code)
    assert "PEAKOPS_VERCEL_TOKEN or PEAKOPS_VERCEL_TOKEN_FILE" in wrong.hint


@pytest.mark.parametrize("look", ["deployments", "vitals", "project"])
def test_a_missing_project_is_a_setting_that_is_missing(vercel, look):
    """Only the token's own look needs none."""
    wrong = failed(look, vercel(settings={"vercel_project": None}))
    assert (NotConfigured, "vercel.not_configured") == (type(wrong), wrong.code)
    assert "PEAKOPS_VERCEL_PROJECT;" in wrong.hint
    assert "peakops" == vercel(settings={"vercel_project": None}).token().rows[0]["name"]


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize(
    ("fault", "kind", "code", "said"),
    [({"status": 401}, Unauthenticated, "vercel.invalid_token", "has ended"),
     ({"error": "invalidToken"}, Unauthenticated, "vercel.invalid_token", "has ended"),
     ({"status": 403}, Denied, "vercel.forbidden", "not of the project's team"),
     ({"status": 402}, Denied, "vercel.plan", "plan"),
     ({"status": 404}, NotFound, "vercel.not_found", "does not have the project"),
     ({"status": 408}, TimedOut, "vercel.query_timeout", "gave its own query up"),
     ({"status": 410}, Refused, "vercel.retired", "retired"),
     ({"error": "unknown_metric"}, Refused, "vercel.unknown_metric", "metric"),
     ({"status": 429, "retry_after": 60}, RateLimited, "vercel.rate_limited", "wait"),
     ({"status": 503}, Unreachable, "vercel.failed", "503"),
     ({"body": "<html>not json</html>"}, Unreachable, "vercel.unreadable", "no JSON"),
     ({"body": "{}"}, Unreachable, "vercel.unreadable", "lacks"),
     ({"reset": True}, Unreachable, "vercel.unreachable", "Vercel")],
)  # fmt: skip
def test_a_refusal_is_told_in_our_words(vercel, monkeypatch, look, fault, kind, code, said):
    """With a code of its own where the operator has something else to do, and never with the token."""
    monkeypatch.setattr(http, "jittered", lambda _: 0.01)
    wrong = failed(look, vercel(faults=[{"route": "*", **fault}]))
    assert (kind, code) == (type(wrong), wrong.code)
    assert said in wrong.says
    assert wrong.hint
    assert "sandbox0vercel0token" not in f"{wrong.says}{wrong.hint}"


def test_a_token_of_one_project_is_told_apart(vercel):
    """It sees the project and its deployments, but no figures, and nothing of itself."""
    client = vercel(token={"scope": "project"})
    assert [2, 1] == [len(LOOKS[look](client).rows) for look in ("deployments", "project")]
    assert ["vercel.project_token", "vercel.forbidden"] == [failed(look, client).code for look in ("vitals", "token")]


def test_a_plan_that_keeps_too_little_is_told(vercel):
    """Hobby has seven days."""
    client = vercel(plan="hobby")
    assert 3 == len(client.vitals(**WEEK).rows)
    with pytest.raises(Refused) as wrong:
        client.vitals(since=NOW - timedelta(days=30), until=NOW)
    assert ("vercel.history", "Ask for a shorter time: --since 7d.") == (wrong.value.code, wrong.value.hint)


class Uncounted(Played):
    """A Vercel that has figures of one metric, and counts nothing."""

    COLUMN = vercel_vitals.column("lcp_ms", "p75")
    SUMMARY = ({"route": "/", COLUMN: 1800}, {"route": None, COLUMN: 5}, {"route": "/none", COLUMN: None})

    def next(self, asked):
        if asked.body is None:
            return PROJECT
        if asked.body["aggregation"] == "sum":
            return Reply(400, body={"error": {"code": "unknown_metric"}})
        return Reply(body={"summary": self.SUMMARY if asked.body["orderBy"] == self.COLUMN else []})


def test_figures_are_worth_telling_without_their_counts(at):
    """A note says that they are missing; a route without a name, or without a figure, has no row."""
    server = Uncounted(Reply())
    brought = at(server).vitals(**WEEK)
    server.stop()
    assert [{"route": "/", "metric": "lcp_ms", "p75": 1800, "count": None}] == [*brought.rows]
    assert (vercel_vitals.UNCOUNTED,) == brought.notes


@pytest.mark.parametrize("p75", ["fast", {"value": 1}, float("nan"), 10**400])
def test_a_figure_that_is_no_number_is_unreadable(at, played, p75):
    """It is not shown as one."""
    columns = {vercel_vitals.column(metric, "p75"): p75 for metric in vercel_vitals.METRICS}
    wrong = failed("vitals", at(played(PROJECT, Reply(body={"summary": [{"route": "/", **columns}]}))))
    assert "vercel.unreadable" == wrong.code


@pytest.mark.parametrize(
    "wrong",
    [{"uid": "d"}, {"uid": "d", "created": "today", "state": "READY", "url": "u"},
     {"uid": "d", "created": None, "state": "READY", "url": "u"}, {"uid": "d", "created": 1e300, "url": "u"},
     {"uid": "d", "created": 10**400, "state": "READY", "url": "u"}, "d"],
)  # fmt: skip
def test_a_deployment_of_another_shape_is_unreadable(at, played, wrong):
    """What lacks a time, a state or an id is no deployment."""
    reply = Reply(body={"deployments": [wrong], "pagination": {"next": None}})
    assert "vercel.unreadable" == failed("deployments", at(played(reply))).code


def test_what_is_asked_is_asked_in_the_team_s_name(at, played):
    """With the token as a bearer's, by every look; only a token is its user's, and has no team."""
    server = played(PROJECT, Reply(body={"summary": []}))
    at(server).vitals(**WEEK)
    assert {"/v9/projects/prj_1?teamId=team_1", "/v2/observability/query?teamId=team_1"} == {
        each.path for each in server.asked
    }
    assert {"Bearer canary-token"} == {each.headers["authorization"] for each in server.asked}
    assert {"type": "project", "ownerId": "team_1", "projectIds": ["prj_1"]} == server.asked[-1].body["scope"]
    assert 11 == len(server.asked)

    alone = played(Reply(body={"token": {"name": "t"}}))
    assert ({"name": "t", "expires_at": None, "scopes": []},) == at(alone).token().rows
    assert ["/v5/user/tokens/current"] == [each.path for each in alone.asked]


@pytest.mark.parametrize("look", LOOKS)
def test_a_vercel_that_hangs_holds_nothing_up(vercel, monkeypatch, look):
    """A look that only adds to an answer ends soon, whatever time there is."""
    monkeypatch.setattr(http, "ADVISORY_SECONDS", 0.5)
    client = vercel(faults=[{"route": "*", "delay_s": 30}], seconds=60)
    start = time.monotonic()
    assert "vercel.timeout" == failed(look, client).code
    assert time.monotonic() - start < 3
