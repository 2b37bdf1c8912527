"""The reader of Supabase's platform logs against the sandbox's two engines, and against one that goes wrong."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from peakops.cli.sandboxed import settings_of
from peakops.errors import Denied, NotConfigured, NotFound, PeakopsError, TimedOut, Unreachable
from peakops.settings import Settings
from peakops.sources.supabase_logs import MOST_ADDRESSES, MOST_DAYS, MOST_ROWS, RETURN_S, SupabaseLogs
from peakops.sources.supabase_logs_sql import BIGQUERY, CLICKHOUSE, MOST

from .played import Played, Reply

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
ANNA, BEN = "55555555-5555-4555-8555-000000000101", "55555555-5555-4555-8555-000000000102"
HOME, STRANGE = "203.0.113.24", "198.51.100.77"
WEEK = {"since": NOW - timedelta(days=7), "until": NOW}
SUBJECT = "request.sb.jwt.authorization.payload.subject"


def noted(at, ip, status=200, **more):
    told = {"path": "/token", "status": str(status), "remote_addr": ip, **more}
    return {"timestamp": at, "source": "auth_logs", "attributes": told}


def request(at, ip, of=ANNA, **more):
    told = {SUBJECT: of, "request.headers.cf_connecting_ip": ip, "request.headers.user_agent": "canary agent", **more}
    return {"timestamp": at, "source": "edge_logs", "attributes": told}


LINES = [
    noted("-2h", STRANGE, **{"auth_event.action": "login", "auth_event.actor_id": ANNA}),
    noted("-3h", STRANGE, 400, error_code="invalid_credentials"),
    noted("-3h", "192.0.2.1", 400, error_code="invalid_credentials"),
    noted("-3d", HOME, **{"auth_event.action": "login", "auth_event.actor_id": BEN}),
    request("-2h", HOME, **{"request.cf.country": "US", "request.cf.asn": "7922"}),
    request("-1h", HOME, **{"request.cf.country": "US", "request.cf.asn": "7922"}),
    request("-6d", STRANGE, **{"request.cf.country": "NL", "request.cf.asn": "60068"}),
    request("-1h", HOME, of=BEN),
    request("-9d", HOME),
]


@pytest.fixture
def logs(load):
    """A client of the sandbox's Management API."""

    def client(*, faults=(), seconds=10.0, lines=LINES, settings=None, **part):
        world = {"says": "Lines of two people.", "now": "2026-11-20T15:00:00Z", "supabase": {"logs": lines, **part}}
        given = settings_of(load(world, faults=[{"vendor": "supabase", **each} for each in faults]))
        return SupabaseLogs(replace(given, **(settings or {})), deadline=time.monotonic() + seconds)

    return client


@pytest.fixture
def at():
    """A client of a server that plays its own part."""

    def client(server, seconds=5.0):
        given = {"supabase_url": server.url, "supabase_token": "sbp_canary", "supabase_management_url": server.url}
        return SupabaseLogs(Settings(**given), deadline=time.monotonic() + seconds)

    return client


def person(client, addresses=(STRANGE,), **more):
    return client.person(id=ANNA, addresses=addresses, **{**WEEK, **more})


def failed(client, **more):
    with pytest.raises(PeakopsError) as wrong:
        person(client, **more)
    return wrong.value


@pytest.mark.parametrize(("engine", "endpoint"), [("clickhouse", "logs.all.otel"), ("bigquery", "logs.all")])
def test_both_engines_tell_the_same(engine, endpoint, logs):
    """Newest first: the person's own, refused log-ins from the addresses alone, requests by place; nobody else's."""
    brought = person(logs(logs_engine=engine))
    told = [(NOW - row["at"], row["kind"], row["ip"], row["country"], row["asn"], row["count"]) for row in brought.rows]

    assert [
        (timedelta(hours=1), "requests", HOME, "US", 7922, 2),
        (timedelta(hours=2), "event", STRANGE, None, None, 1),
        (timedelta(hours=3), "refused", STRANGE, None, None, 1),
        (timedelta(days=6), "requests", STRANGE, "NL", 60068, 1),
    ] == told
    assert ("login", "invalid_credentials") == (brought.rows[1]["action"], brought.rows[2]["code"])
    assert f"GET /v1/projects/{{ref}}/analytics/endpoints/{endpoint}" == brought.asked
    assert () == brought.notes


def test_without_addresses_no_refusal_is_anybodys(logs):
    """A refused log-in names no account: without an address it is not held against a person."""
    assert [] == [row for row in person(logs(), addresses=()).rows if row["kind"] == "refused"]


def test_no_request_asks_for_more_than_a_day_nor_the_whole_for_more_than_a_minute_allows(at):
    """Days of 24 hours, two requests each, and no day before the longest time that a plan keeps."""
    server = Played(Reply(body={"result": []}))
    brought = person(at(server), since=NOW - timedelta(days=90))
    server.stop()
    asked = [parse_qs(urlsplit(each.path).query) for each in server.asked if "sql" in each.path]
    spans = {(each["iso_timestamp_start"][0], each["iso_timestamp_end"][0]) for each in asked}
    lengths = {datetime.fromisoformat(end) - datetime.fromisoformat(start) for start, end in spans}

    assert 2 * MOST_DAYS == len(asked) <= 60
    assert {timedelta(hours=24)} == lengths
    assert (NOW - timedelta(days=MOST_DAYS)).isoformat()[:19] in {start[:19] for start, _ in spans}
    assert any("28 days" in each for each in brought.notes)


def test_a_project_that_is_not_there_is_told_by_either_endpoint(logs):
    """404 of one endpoint is the other engine; 404 of both is the project."""
    missing = {"route": "GET /v1/projects/*/analytics/*", "status": 404}
    error = failed(logs(faults=[missing]))

    assert (NotFound, "supabase.no_project") == (type(error), error.code)


@pytest.mark.parametrize(
    ("fault", "kind", "code"),
    [
        ({"status": 401}, "Unauthenticated", "supabase.invalid_key"),
        ({"status": 403}, "Denied", "supabase.logs_denied"),
        ({"status": 429, "retry_after": 90}, "RateLimited", "supabase.rate_limited"),
        ({"status": 500}, "Unreachable", "supabase.failed"),
        ({"reset": True}, "Unreachable", "supabase.unreachable"),
        ({"body": "<html>busy</html>"}, "Unreachable", "supabase.unreadable"),
        ({"body": "{}"}, "Unreachable", "supabase.unreadable"),
        ({"body": '{"result": [{"status": 400}]}'}, "Unreachable", "supabase.unreadable"),
        ({"body": '{"result": null, "error": "no such field"}'}, "Refused", "supabase.logs_query"),
    ],
)
def test_refusals_are_told_apart(fault, kind, code, logs):
    """Each with the setting or scope that is missing; none is an empty log."""
    error = failed(logs(faults=[{"route": "GET /v1/projects/*/analytics/*", **fault}]))

    assert (kind, code) == (type(error).__name__, error.code)


def test_a_scope_that_is_missing_is_named(logs):
    """Who reads it can make the right token."""
    error = failed(logs(faults=[{"route": "GET /v1/projects/*/analytics/*", "status": 403}]))

    assert isinstance(error, Denied)
    assert "analytics:read" in error.says + error.hint


@pytest.mark.parametrize("fault", [{"status": 500}, {"body": '{"result": []}'}])
def test_a_paused_project_is_no_quiet_one(fault, logs):
    """Whether its logs fail or are empty: where Supabase says that it is paused, that is the reason."""
    paused = logs(faults=[{"route": "GET /v1/projects/*/analytics/*", **fault}], project={"status": "INACTIVE"})
    error = failed(paused)

    assert (Unreachable, "supabase.paused") == (type(error), error.code)


def test_an_empty_log_of_a_project_that_is_up_is_empty(logs):
    """It is no error, and says nothing of how long the plan keeps lines."""
    assert () == person(logs(lines=[])).rows


def test_days_that_were_read_are_kept_where_the_next_is_refused(at):
    """The limit of requests ends the look with what it has, and says how far back that is."""
    limited = Played(*[Reply(body={"result": []})] * 2, Reply(status=429, headers={"Retry-After": "90"}))
    told = person(at(limited))
    limited.stop()

    assert any("Read back to 2026-11-19 15:00 UTC" in each and "wait" in each for each in told.notes)


def test_the_look_ends_in_time_with_the_days_that_it_has(at):
    """A slow answer costs its own time and no more: the look is back before its deadline."""
    server = Played(Reply(body={"result": []}), Reply(body={"result": []}), Reply(body={"result": []}, after_s=30))
    start = time.monotonic()
    brought = person(at(server, seconds=3.0))
    seconds = time.monotonic() - start
    server.stop()

    assert seconds < 3.0 - RETURN_S / 2
    assert any("the time was up" in each for each in brought.notes)


def test_nothing_in_time_is_silence(logs):
    """Not even the newest day: the look is a time-out, not an empty log."""
    error = failed(logs(faults=[{"route": "*", "delay_s": 20}], seconds=2.0))

    assert isinstance(error, TimedOut)


def test_busy_days_are_cut_and_said(at):
    """Both engines bring so many rows and no more."""
    server = Played(Reply(body={"result": [{"timestamp": "2026-11-20T14:00:00.000000"}] * MOST}))
    brought = person(at(server), since=NOW - timedelta(hours=2))
    server.stop()

    assert any("A query brings 1000 rows at most" in each for each in brought.notes)


def test_a_month_of_busy_days_is_cut_and_said(at):
    """What a person does in a month fits; a flood ends where it can still be judged, and the newest is kept."""
    days = [NOW - timedelta(days=day, hours=1) for day in range(6)]
    lines = [{"timestamp": f"{each:%Y-%m-%dT%H:%M:%S}.000000"} for each in days for _ in range(MOST)]
    server = Played(Reply(body={"result": lines}))
    brought = person(at(server))
    server.stop()

    assert MOST_ROWS == len(brought.rows)
    assert days[0] == brought.rows[0]["at"]
    assert any(f"Only the newest {MOST_ROWS} rows" in each for each in brought.notes)


def test_addresses_are_asked_for_as_the_logs_write_them(logs):
    """IPv4 within IPv6 is IPv4 there; so many are asked for, and it is said how many were not."""
    mapped = person(logs(), addresses=(f"::ffff:{STRANGE}",))
    many = person(logs(), addresses=[f"203.0.113.{n}" for n in range(MOST_ADDRESSES + 1)])

    assert 1 == sum(each["kind"] == "refused" for each in mapped.rows)
    assert not any("addresses alone" in each for each in mapped.notes)
    assert any(f"the newest {MOST_ADDRESSES} of {MOST_ADDRESSES + 1} addresses" in each for each in many.notes)


@pytest.mark.parametrize("name", ["supabase_token", "supabase_url"])
def test_without_a_token_nobody_is_asked(name, logs):
    """It is said which settings are missing, and which scope is enough."""
    error = failed(logs(settings={name: None}))

    assert (NotConfigured, "supabase.no_token") == (type(error), error.code)
    assert "PEAKOPS_SUPABASE_TOKEN" in error.hint


@pytest.mark.parametrize("dialect", [CLICKHOUSE, BIGQUERY])
def test_only_ids_and_addresses_get_into_a_query(dialect, logs):
    """Whatever the portal's log holds as an address: it is none, or it is written as one."""
    with pytest.raises(ValueError):
        logs().person(id="' or 1=1 --", addresses=(), **WEEK)
    text = dialect.auth(ANNA, ["203.0.113.24", "2001:db8::1"])

    assert "'203.0.113.24', '2001:db8::1'" in text
    with pytest.raises(ValueError):
        person(logs(), addresses=("1.2.3.4') or ('a'='a",))


@pytest.mark.parametrize(
    ("part", "place"),
    [({"logs_engine": "oracle"}, "supabase.logs_engine"), ({"project": {"state": "INACTIVE"}}, "supabase.project")],
)
def test_a_world_names_an_engine_that_there_is(part, place, logs):
    """What the sandbox does not play is refused by its place."""
    with pytest.raises(PeakopsError, match=place):
        logs(**part)
