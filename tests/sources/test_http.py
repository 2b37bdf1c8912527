"""The HTTP client on real sockets: what it repeats, how long it waits, what it takes for an answer, what it tells."""

import subprocess
import sys
import time

import pytest

from peakops import __version__
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
from peakops.sources.http import Http
from peakops.sources.http_errors import Api

from .played import Reply

API = Api(source="tiny", title="Tiny", key="PEAKOPS_TINY_KEY", address="PEAKOPS_TINY_URL", page="https://tiny.example")
SECRET = "sb_secret_canary"


def client(server, seconds=10.0, **more):
    headers = {"apikey": SECRET}
    return Http(API, server.url, deadline=time.monotonic() + seconds, headers=headers, **more)


def test_it_loads_no_screen():
    """httpx has a command line of its own, which needs rich and pygments; it is left at home."""
    code = "import sys, peakops.sources.http as http; print(http.httpx.Client, {'rich', 'pygments'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "<class 'httpx.Client'> set()\n" == done.stdout


def test_it_says_who_it_is(played):
    """The name is peakops and its version, which no gateway takes for a browser; the key is in its header."""
    server = played(Reply(body={"a": 1}))
    answer = client(server).get("/x", {"page": 2})

    assert {"a": 1} == answer.body
    assert f"peakops/{__version__}" == server.asked[0].headers["user-agent"]
    assert SECRET == server.asked[0].headers["apikey"]
    assert "/x?page=2" == server.asked[0].path


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_get_is_asked_again_after_a_server_error(status, played):
    """Two failures are waited out."""
    server = played(Reply(status), Reply(status), Reply(body={"a": 1}))

    assert {"a": 1} == client(server).get("/x").body
    assert 3 == len(server.asked)


def test_a_get_is_asked_again_after_a_broken_connection(played):
    """A reset is waited out as an error of the server's is."""
    server = played(Reply(reset=True), Reply(body={"a": 1}))

    assert {"a": 1} == client(server).get("/x").body


def test_it_gives_up_after_three_failures(played):
    """A lasting failure is an error with the status, and no storm of requests."""
    server = played(Reply(500))
    with pytest.raises(Unreachable) as refused:
        client(server).get("/x")

    assert ("tiny.failed", 500) == (refused.value.code, refused.value.http_status)
    assert 3 == len(server.asked)


@pytest.mark.parametrize("reply", [Reply(500), Reply(429), Reply(reset=True)])
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_write_is_never_repeated(method, reply, played):
    """What may have been done is not done again."""
    server = played(reply, Reply())
    with pytest.raises(PeakopsError):
        client(server).write(method, "/x", {"a": 1})

    assert [(method, {"a": 1})] == [(each.method, each.body) for each in server.asked]


@pytest.mark.parametrize(
    ("reply", "error", "certain"),
    [
        (Reply(400), Refused, True),
        (Reply(422), Refused, True),
        (Reply(401), Unauthenticated, True),
        (Reply(403), Denied, True),
        (Reply(404), NotFound, True),
        (Reply(429), RateLimited, True),
        (Reply(408), Unreachable, False),
        (Reply(409), Unreachable, False),
        (Reply(499), Unreachable, False),
        (Reply(503), Unreachable, False),
        (Reply(body="<html>"), Unreachable, False),
        (Reply(reset=True), Unreachable, False),
        (Reply(drip=True), TimedOut, False),
    ],
)
def test_only_a_certain_refusal_of_a_write_is_one(reply, error, certain, played):
    """Refused means that nothing was done; whatever leaves that open is another error, and does not say so."""
    with pytest.raises(error) as wrong:
        client(played(reply), seconds=1).write("POST", "/x", {})

    assert (error, certain) == (type(wrong.value), wrong.value.nothing_done)
    assert reply.status in (wrong.value.http_status, 200)


def test_the_wait_that_a_vendor_names_is_the_hint(played):
    """In seconds; a minute where it names none."""
    for headers, wait in (({"Retry-After": "45"}, "45 s"), ({}, "a minute")):
        with pytest.raises(RateLimited) as refused:
            client(played(Reply(429, headers=headers)), retries=0).get("/x")
        assert f"Run it again in {wait}." == refused.value.hint


def test_a_search_is_repeated_though_it_is_a_post(played):
    """A POST that only reads is asked again as a GET is."""
    server = played(Reply(500), Reply(body={"a": 1}))

    assert {"a": 1} == client(server).search("/x", {"query": "q"}).body
    assert [{"query": "q"}] * 2 == [each.body for each in server.asked]


def test_retry_after_is_honoured(played):
    """A 429 is asked again after the seconds that the vendor names."""
    server = played(Reply(429, headers={"Retry-After": "1.5"}), Reply())
    start = time.monotonic()
    client(server).get("/x")

    assert 1.5 <= time.monotonic() - start < 3
    assert 2 == len(server.asked)


def test_retry_after_may_be_a_date(played):
    """A date that is past by now means at once."""
    server = played(Reply(429, headers={"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}), Reply())
    client(server).get("/x")

    assert 2 == len(server.asked)


@pytest.mark.parametrize("said", ["nan", "-inf", "soon", ""])
def test_retry_after_that_cannot_be_read_is_none(said, played):
    """What is no number of seconds does not end in a crash or a sleep without end."""
    with pytest.raises(RateLimited) as refused:
        client(played(Reply(429, headers={"Retry-After": said})), retries=0).get("/x")

    assert refused.value.retry_after_s in (None, 0.0)


def test_a_wait_beyond_the_deadline_is_not_begun(played):
    """Retry-After of a minute with two seconds left: the error comes at once, with the minute in it."""
    server = played(Reply(429, headers={"Retry-After": "60"}))
    start = time.monotonic()
    with pytest.raises(RateLimited) as refused:
        client(server, seconds=2).get("/x")

    assert time.monotonic() - start < 1
    assert (60, 429) == (refused.value.retry_after_s, refused.value.http_status)
    assert 1 == len(server.asked)


def test_429_without_retry_after_backs_off(played):
    """Without Retry-After the pauses grow, and it gives up after four requests."""
    server = played(Reply(429))
    start = time.monotonic()
    with pytest.raises(RateLimited):
        client(server, seconds=30).get("/x")

    assert 3.5 <= time.monotonic() - start < 7
    assert 4 == len(server.asked)


@pytest.mark.parametrize(
    ("reply", "error", "code"),
    [
        (Reply(401), Unauthenticated, "tiny.invalid_key"),
        (Reply(403), Denied, "tiny.permission_denied"),
        (Reply(404), NotFound, "tiny.not_found"),
        (Reply(418), Unreachable, "tiny.refused"),
        (Reply(302, headers={"Location": "/y"}), Unreachable, "tiny.redirected"),
        (Reply(body="<html>no</html>"), Unreachable, "tiny.unreadable"),
        (Reply(body=""), Unreachable, "tiny.unreadable"),
        (Reply(body=["a"]), Unreachable, "tiny.unreadable"),
        (Reply(body="[" * 100_000), Unreachable, "tiny.unreadable"),
        (Reply(reset=True), Unreachable, "tiny.unreachable"),
        (Reply(after_s=30), TimedOut, "tiny.timeout"),
        (Reply(drip=True), TimedOut, "tiny.timeout"),
        (Reply(mute=True), TimedOut, "tiny.timeout"),
        (Reply(endless=True), TimedOut, "tiny.timeout"),
    ],
)
def test_errors_are_told_apart(reply, error, code, played):
    """Each way to fail has its error, its code and a hint, within the deadline, and tells no key."""
    start = time.monotonic()
    with pytest.raises(error) as refused:
        client(played(reply), seconds=2).get("/x")

    assert time.monotonic() - start < 2.5
    assert (code, "tiny") == (refused.value.code, refused.value.source)
    assert refused.value.hint
    assert SECRET not in f"{refused.value!r} {refused.value.says} {refused.value.hint}"


@pytest.mark.parametrize("name", ["sb-request-id", "x-request-id", "cf-ray"])
def test_the_request_id_is_kept(name, played):
    """What the vendor's support asks for is in the answer, and in the error."""
    server = played(Reply(headers={name: "req-1"}), Reply(403, headers={name: "req-2"}))

    assert "req-1" == client(server).get("/x").request_id
    with pytest.raises(Denied) as refused:
        client(server).get("/x")
    assert "req-2" == refused.value.request_id


def test_nobody_listens(played):
    """A port that nobody listens at is unreachable, and what was to be written has not been sent."""
    server = played(Reply())
    url = server.url
    server.stop()
    with pytest.raises(Unreachable) as refused:
        Http(API, url, deadline=time.monotonic() + 1, retries=0).write("POST", "/x", {})

    assert ("tiny.unreachable", True) == (refused.value.code, refused.value.nothing_done)


def test_a_name_that_does_not_resolve_is_said():
    """A wrong project, or a paused one, has no address."""
    with pytest.raises(PeakopsError) as refused:
        Http(API, "https://nobody.invalid", deadline=time.monotonic() + 3, retries=0).get("/x")

    assert refused.value.code in ("tiny.no_such_host", "tiny.timeout")
    assert "nobody.invalid" not in refused.value.says


def test_no_time_is_no_request(played):
    """After the deadline nothing is sent: a write that nobody waits for must not be made."""
    server = played(Reply())
    with pytest.raises(TimedOut) as refused:
        client(server, seconds=-1).write("POST", "/x", {})

    assert refused.value.nothing_done
    assert [] == server.asked


@pytest.mark.parametrize("key", ["sb_secret_a\nb", "sb_secret_ä", ""])
def test_a_key_that_no_header_holds_is_not_sent(key):
    """The HTTP library would quote it in its error."""
    with pytest.raises(NotConfigured) as refused:
        Http(API, "https://tiny.example", deadline=time.monotonic() + 1, headers={"apikey": key})

    assert "PEAKOPS_TINY_KEY" in refused.value.says
    assert "sb_secret" not in refused.value.says


@pytest.mark.parametrize(
    "url",
    ["http://tiny.example", "ftp://127.0.0.1", "127.0.0.1:80", "https://", "https://[::1", "http://127.0.0.1.x.y"],
)
def test_a_key_does_not_travel_in_the_clear(url):
    """Only this machine itself is spoken to without TLS."""
    with pytest.raises(NotConfigured, match="PEAKOPS_TINY_URL"):
        Http(API, url, deadline=time.monotonic() + 1)


def test_this_machine_is_not_asked_through_a_proxy(played, monkeypatch):
    """A proxy of the environment does not stand between us and the sandbox."""
    server, proxy = played(Reply(body={"a": 1})), played(Reply(body={"proxied": True}))
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    monkeypatch.setenv("ALL_PROXY", proxy.url)
    monkeypatch.delenv("NO_PROXY", raising=False)

    assert {"a": 1} == client(server).get("/x").body
    assert [] == proxy.asked


def test_it_follows_to_the_hosts_that_are_named_only(played):
    """A page may move on its own host; to another it is followed only by name, and a circle ends."""
    here = played(Reply(302, headers={"Location": "/new"}), Reply(body={"a": 1}))
    there = played(Reply(body={"b": 2}))
    away = played(Reply(302, headers={"Location": f"{there.url}/x"}))
    circle = played(Reply(301, headers={"Location": "/x"}))

    assert {"a": 1} == client(here, follows={"tiny.example"}).get("/x").body
    for server in (away, circle):
        with pytest.raises(Unreachable) as refused:
            client(server, follows={"tiny.example"}).get("/x")
        assert "tiny.redirected" == refused.value.code
    assert [] == there.asked
    assert 3 == len(circle.asked)
