"""Vercel as the sandbox plays it: whom it lets in, what was deployed, and what the portal's visitors measured."""

import json
import re

import pytest
from conftest import call

from peakops import sandbox
from peakops.errors import BadInput
from peakops.sandbox.state import Sandbox

TEAM, PROJECT = Sandbox.vercel_team, Sandbox.vercel_project
COMMIT = {"githubCommitRef": "main", "githubCommitSha": "a1b2c3"}
VERCEL = {
    "deployments": [
        {"uid": "dpl_old", "created": "-5d", "meta": COMMIT},
        {"uid": "dpl_new", "created": "-2h", "meta": {"gitlabCommitRef": "hotfix", "gitlabCommitSha": "d4e5f6"}},
        {"uid": "dpl_failed", "created": "-1d", "state": "ERROR", "error_code": "BUILD_FAILED"},
        {"uid": "dpl_preview", "created": "-1h", "target": "preview", "state": "PONDERING", "url": "pre.vercel.app"},
    ],
    "speed_insights": [
        {"route": "/cases/[id]", "metric": "lcp_ms", "p75": 4200, "count": 310},
        {"route": "/", "metric": "lcp_ms", "p75": 1800, "count": 900},
        {"route": "/login", "metric": "lcp_ms", "p75": 900.5, "count": 40},
        {"route": "/", "metric": "cls", "p75": 0.02},
    ],
}
IN_TEAM = f"?teamId={TEAM}"
PROJECTS, TOKEN, LIST, ONE = (
    f"/v9/projects/{PROJECT}",
    "/v5/user/tokens/current",
    "/v7/deployments",
    "/v13/deployments/",
)
QUERY, SCHEMA = "/v2/observability/query", "/v2/observability/schema"
LCP = {
    "metric": "vercel.speed_insights.lcp_ms",
    "aggregation": "p75",
    "scope": {"type": "project", "ownerId": TEAM, "projectIds": [PROJECT]},
    "groupBy": ["route"],
    "filter": "environment eq 'production'",
    "startTime": "2026-11-14T15:00:00.000Z",
    "endTime": "2026-11-20T15:00:00.000Z",
}
COLUMN = "vercel_speed_insights_lcp_ms_p75"


@pytest.fixture
def vercel(play):
    """Load a world of Vercel's, and ask it: status and body; in the team's name unless another query is given."""

    def load(faults=(), **part):
        box = play(vercel={**VERCEL, **part}, faults=[{"vendor": "vercel", **each} for each in faults])

        def ask(method, path, body=None, token=Sandbox.vercel_token):
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            status, ask.headers, text = call(box, method, f"/vercel{path}", body, **headers)
            return status, json.loads(text)

        return ask

    return load


def code(answer):
    """Status and code of a refusal."""
    return answer[0], answer[1]["error"]["code"]


def ids(answer):
    """The deployments of a page."""
    return [each["uid"] for each in answer[1]["deployments"]]


def summary(answer):
    """The figures of an answer, by route."""
    return {each["route"]: each[answer[1]["orderBy"]] for each in answer[1]["summary"]}


@pytest.mark.parametrize("path", [PROJECTS + IN_TEAM, LIST + IN_TEAM, f"{ONE}dpl_new{IN_TEAM}", TOKEN, SCHEMA])
def test_without_a_good_token_nobody_is_let_in(vercel, path):
    """Vercel says 403 to a missing and to a wrong one, and marks which it is."""
    ask = vercel()
    missing, wrong = ask("GET", path, token=None), ask("GET", path, token="other")
    assert (403, "forbidden") == code(missing) == code(wrong)
    assert missing[1]["error"]["missingToken"]
    assert wrong[1]["error"]["invalidToken"]
    assert 200 == ask("GET", path)[0]


def test_a_token_that_has_ended_is_a_wrong_one(vercel):
    """To the second; one that never ends does not say when."""
    ask = vercel(token={"expires_at": "-0s"})
    assert (403, "forbidden") == code(ask("GET", TOKEN))
    assert "expiresAt" not in vercel(token={})("GET", TOKEN)[1]["token"]


def test_a_token_tells_of_itself(vercel):
    """Its name, its end in milliseconds, and of whom it is."""
    said = vercel(token={"name": "ops", "expires_at": "+1d"})("GET", TOKEN)[1]["token"]
    assert ("ops", 1795273200000) == (said["name"], said["expiresAt"])
    assert [("team", TEAM, 1795273200000)] == [(s["type"], s["teamId"], s["expiresAt"]) for s in said["scopes"]]


def test_a_token_of_one_project_sees_only_what_is_the_project_s(vercel):
    """Figures are kept by account, and a token is its user's."""
    ask = vercel(token={"scope": "project"})
    assert [200, 200] == [ask("GET", path + IN_TEAM)[0] for path in (PROJECTS, LIST)]
    assert (403, "forbidden") == code(ask("GET", TOKEN))
    assert (404, "Observability Data not found.") == message(ask("POST", QUERY + IN_TEAM, LCP))


def message(answer):
    """Status and sentence of a refusal."""
    return answer[0], answer[1]["error"]["message"]


@pytest.mark.parametrize(
    ("query", "answers"),
    [("", [404, 403, 404, 403]), ("?teamId=team_other", [403] * 4), ("?slug=peak-dental-studio", [200] * 4),
     (IN_TEAM, [200] * 4)],
)  # fmt: skip
def test_the_team_must_be_named(vercel, query, answers):
    """By its id or slug: without it Vercel looks in the account of the token's user."""
    ask = vercel()
    reads = [ask("GET", path + query)[0] for path in (PROJECTS, LIST, ONE + "dpl_new")]
    assert answers == [*reads, ask("POST", QUERY + query, LCP)[0]]


def test_the_project_is_found_by_id_and_name(vercel):
    """With its owner; another one is not there."""
    ask = vercel()
    by_id, by_name = ask("GET", PROJECTS + IN_TEAM), ask("GET", f"/v9/projects/portal{IN_TEAM}")
    assert by_id == by_name
    assert (PROJECT, "portal", TEAM) == tuple(by_id[1][name] for name in ("id", "name", "accountId"))
    assert (404, "not_found") == code(ask("GET", f"/v9/projects/other{IN_TEAM}"))


@pytest.mark.parametrize(
    ("query", "found"),
    [("", ["dpl_preview", "dpl_new", "dpl_failed", "dpl_old"]),
     ("&target=production", ["dpl_new", "dpl_failed", "dpl_old"]),
     ("&state=ERROR,PONDERING", ["dpl_preview", "dpl_failed"]),
     ("&branch=hotfix", ["dpl_new"]),
     ("&sha=a1b2c3", ["dpl_old"]),
     ("&since=1795179600000", ["dpl_preview", "dpl_new"]),
     ("&since=1795179600001", ["dpl_preview"]),
     ("&until=1795179600000", ["dpl_failed", "dpl_old"]),
     ("&projectId=portal&limit=1", ["dpl_preview"])],
)  # fmt: skip
def test_deployments_are_listed_newest_first(vercel, query, found):
    """With the filters that Vercel has: since holds its own moment, until does not."""
    assert found == ids(vercel()("GET", LIST + IN_TEAM + query))


def test_a_list_is_read_page_by_page(vercel):
    """`next` is the `until` of the next page, and null at the end."""
    ask, found, until = vercel(), [], ""
    while until is not None:
        answer = ask("GET", f"{LIST}{IN_TEAM}&limit=2{until}")
        found += ids(answer)
        after = answer[1]["pagination"]["next"]
        until = None if after is None else f"&until={after}"
    assert ["dpl_preview", "dpl_new", "dpl_failed", "dpl_old"] == found
    assert (400, "bad_request") == code(ask("GET", f"{LIST}{IN_TEAM}&limit=many"))


def test_a_deployment_is_found_by_id_and_host(vercel):
    """With the code of its error; its state may be a word that no list of Vercel's has."""
    ask = vercel()
    assert ("ERROR", "BUILD_FAILED") == tuple(
        ask("GET", f"{ONE}dpl_failed{IN_TEAM}")[1][name] for name in ("readyState", "errorCode")
    )
    assert ("dpl_preview", "PONDERING") == tuple(
        ask("GET", f"{ONE}pre.vercel.app{IN_TEAM}")[1][name] for name in ("id", "readyState")
    )
    assert (404, "not_found") == code(ask("GET", f"{ONE}dpl_none{IN_TEAM}"))


@pytest.mark.parametrize(
    ("changes", "figures"),
    [({}, {"/cases/[id]": 4200, "/": 1800, "/login": 900.5}),
     ({"filter": "environment eq 'production' and route eq '/'"}, {"/": 1800}),
     ({"filter": "environment eq 'preview'"}, {}),
     ({"limit": 1}, {"/cases/[id]": 4200, "Others": 1800}),
     ({"metric": "vercel.speed_insights.cls"}, {"/": 0.02}),
     ({"metric": "vercel.speed_insights.inp_ms"}, {}),
     ({"metric": "vercel.speed_insights.lcp_count", "aggregation": "sum"},
      {"/": 900, "/cases/[id]": 310, "/login": 40}),
     ({"metric": "vercel.speed_insights.cls_count", "aggregation": "sum"}, {"/": 100})],
)  # fmt: skip
def test_figures_by_route(vercel, changes, figures):
    """One metric at a time, the highest first; what is beyond the limit is put together."""
    answer = vercel()("POST", QUERY + IN_TEAM, {**LCP, **changes})
    assert (200, figures) == (answer[0], summary(answer))
    assert [*figures] == [*summary(answer)]


def test_a_figure_s_column_is_its_metric_and_aggregation(vercel):
    """Of all routes together the highest, and the sum of counts."""
    whole = {name: value for name, value in LCP.items() if name != "groupBy"}
    ask = vercel()
    assert [{COLUMN: 4200}] == ask("POST", QUERY + IN_TEAM, whole)[1]["summary"]
    counted = {**whole, "metric": "vercel.speed_insights.lcp_count", "aggregation": "sum"}
    assert [{"vercel_speed_insights_lcp_count_sum": 1250}] == ask("POST", QUERY + IN_TEAM, counted)[1]["summary"]
    assert [] == ask("POST", QUERY + IN_TEAM, {**whole, "metric": "vercel.speed_insights.inp_ms"})[1]["summary"]


@pytest.mark.parametrize(
    ("changes", "refused"),
    [({"metric": "vercel.request.count"}, (402, "payment_required")),
     ({"metric": "vercel.speed_insights.res"}, (400, "unknown_metric")),
     ({"metric": None}, (400, "bad_request")),
     ({"groupBy": ["visitor"]}, (400, "bad_request")),
     ({"filter": "route like '/x'"}, (400, "bad_request")),
     ({"startTime": "yesterday"}, (400, "bad_request")),
     ({"startTime": "2026-11-20T15:00:00Z"}, (400, "bad_request")),
     ({"scope": {"type": "project"}}, (400, "bad_request")),
     ({"scope": {"type": "owner", "ownerId": "team_other"}}, (403, "forbidden")),
     ({"scope": {**LCP["scope"], "projectIds": ["portal"]}}, (404, "not_found"))],
)  # fmt: skip
def test_a_query_that_vercel_would_refuse_is_refused(vercel, changes, refused):
    """A metric that costs, one that is none, and what is not well formed."""
    assert refused == code(vercel()("POST", QUERY + IN_TEAM, {**LCP, **changes}))


def test_the_plan_decides_what_is_answered(vercel):
    """Hobby keeps seven days; Observability Plus has the other metrics too."""
    month = {**LCP, "startTime": "2026-10-20T15:00:00.000Z"}
    assert 200 == vercel()("POST", QUERY + IN_TEAM, month)[0]
    assert "latest 7 days" in message(vercel(plan="hobby")("POST", QUERY + IN_TEAM, month))[1]
    assert 200 == vercel(plan="plus")("POST", QUERY + IN_TEAM, {**LCP, "metric": "vercel.request.count"})[0]


def test_the_schema_tells_what_can_be_asked(vercel):
    """All metrics by name, and of those with the same beginning what each can be grouped by."""
    ask = vercel()
    names = [each["id"] for each in ask("GET", SCHEMA)[1]["metrics"]]
    assert {"vercel.speed_insights.lcp_ms", "vercel.speed_insights.lcp_count", "vercel.request.count"} < set(names)
    family = ask("GET", f"{SCHEMA}/vercel.speed_insights")[1]
    assert [name for name in names if "speed" in name] == [each["id"] for each in family]
    assert ["p75"] == ask("GET", f"{SCHEMA}/vercel.speed_insights.cls")[1][0]["aggregations"]
    assert (404, "not_found") == code(ask("GET", f"{SCHEMA}/vercel.nothing"))


@pytest.mark.parametrize(
    ("fault", "refused"),
    [({"status": 402}, (402, "payment_required")), ({"status": 403}, (403, "forbidden")),
     ({"status": 500}, (500, "internal_server_error")), ({"status": 503}, (503, "service_unavailable")),
     ({"error": "rate_limited", "retry_after": 7}, (429, "rate_limited")),
     ({"error": "query_timeout"}, (408, "query_timeout")), ({"status": 418}, (418, "internal_server_error"))],
)  # fmt: skip
def test_a_fault_comes_in_vercel_s_envelope(vercel, fault, refused):
    """By a status or a code of its own, with the headers of a limit."""
    ask = vercel(faults=[{"route": "GET /v9/projects/*", **fault}])
    assert refused == code(ask("GET", PROJECTS + IN_TEAM))
    assert ("7" if fault.get("retry_after") else None, "500") == (
        ask.headers["Retry-After"],
        ask.headers["X-RateLimit-Limit"],
    )


def test_a_fault_may_be_a_token_that_has_ended(vercel):
    """Vercel marks it in the envelope of a 403."""
    ask = vercel(faults=[{"route": "*", "error": "invalidToken"}])
    assert (403, {"code": "forbidden", "message": "Not authorized", "invalidToken": True}) == (
        ask("GET", TOKEN)[0],
        ask("GET", TOKEN)[1]["error"],
    )


def test_an_unknown_route_is_noted(vercel, home):
    """So that a test fails on it."""
    assert (404, "not_found") == code(vercel()("GET", "/v1/edge-config"))
    assert ["/v1/edge-config"] == [each["path"] for each in sandbox.unknown_requests(home)]


@pytest.mark.parametrize(
    ("part", "sentence"),
    [({"deployments": [{"uid": "a"}, {"uid": "a"}]}, "vercel.deployments: a occurs twice."),
     ({"deployments": [{"meta": {"n": 1}}]}, "vercel.deployments[0].meta: must hold strings."),
     ({"deployments": [{"target": "productoin"}]},
      "vercel.deployments[0].target: no such target; did you mean production?"),
     ({"speed_insights": [{"route": "/", "p75": 1}]}, "vercel.speed_insights[0].metric: is missing."),
     ({"speed_insights": [{"route": "/", "metric": "lcp"}]},
      "vercel.speed_insights[0].metric: no such metric; did you mean lcp_ms?"),
     ({"token": {"scopes": []}}, "vercel.token.scopes: no such key; did you mean scope?"),
     ({"plan": "free"}, "vercel.plan: no such plan.")],
)  # fmt: skip
def test_a_world_that_makes_no_sense_is_refused(vercel, part, sentence):
    """With the place in the file."""
    with pytest.raises(BadInput, match=re.escape(sentence)):
        vercel(**part)


def test_a_dump_is_a_world(vercel, home):
    """What was completed loads again as it stands; of the firewall too, with what Vercel adds."""
    firewall = {"ips": [], "rules": [], "draft": None}
    vercel(firewall=firewall, firewall_events=[], token={"expires_at": "+30d"})
    first = sandbox.dump(home)
    assert firewall.items() <= first["vercel"]["firewall"].items()
    sandbox.load(home, first, source="")
    assert first == sandbox.dump(home)
