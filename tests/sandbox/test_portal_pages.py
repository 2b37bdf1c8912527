"""The portal's pages as the sandbox serves them: what they weigh, how long they take, who waits."""

import gzip
import http.client
import re
import threading
import time

import pytest
from conftest import NOW, call

from peakops import sandbox
from peakops.errors import BadInput

SCRIPT, STYLE = "/_next/static/chunks/main.js", "/_next/static/css/main.css"
CASES = {
    "path": "/cases",
    "wait_ms": 40,
    "db_ms": 30,
    "external": {"salesforce": 30},
    "html_kb": 40,
    "scripts": [{"path": SCRIPT, "kb": 900}],
    "styles": [{"path": STYLE, "kb": 30}],
}
GZIP = {"Accept-Encoding": "gzip"}


@pytest.fixture
def pages(play):
    """Load a world of these pages, and ask for one: status, headers, body and the seconds until it was whole."""

    def load(*pages, **more):
        box = play(portal={"pages": list(pages)}, **more)

        def ask(path, method="GET", **headers):
            start = time.monotonic()
            answer = fetched(box, method, f"/portal{path}", headers)
            return *answer, time.monotonic() - start

        ask.box = box
        return ask

    return load


def fetched(box, method, path, headers):
    """One request whose body is bytes."""
    connection = http.client.HTTPConnection(box.http.removeprefix("http://"), timeout=10)
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.headers), answer.read()
    finally:
        connection.close()


def test_a_page_takes_what_its_parts_take(pages):
    """Its own work, the database and the external API add up; Server-Timing tells the last two."""
    status, headers, _, seconds = pages(CASES)("/cases")
    assert 200 == status
    assert 0.1 <= seconds < 3
    assert "db;dur=30, salesforce;dur=30" == headers["Server-Timing"]


def test_a_page_without_parts_is_fast_and_tells_no_timing(pages):
    """A world that says only the path."""
    status, headers, _, seconds = pages({"path": "/plain"})("/plain")
    assert (200, None) == (status, headers.get("Server-Timing"))
    assert seconds < 0.5


def test_the_first_answer_alone_is_cold(pages, home):
    """Once in a world's life, whatever method asks; what is left of it stands in the dump."""
    ask = pages({"path": "/", "cold_ms": 500})
    assert [True, False, False] == [ask("/")[3] >= 0.5 for _ in range(3)]
    assert [0] == [page["cold_ms"] for page in sandbox.dump(home)["portal"]["pages"]]


def test_a_waiting_page_holds_up_nobody(pages):
    """Ten of them take as long as one, and another vendor answers meanwhile."""
    ask = pages({"path": "/slow", "wait_ms": 1000})
    crew = [threading.Thread(target=ask, args=("/slow",)) for _ in range(10)]
    start = time.monotonic()
    for each in crew:
        each.start()
    call(ask.box, "GET", "/status/stripe/api/v2/summary.json")
    assert time.monotonic() - start < 0.8
    for each in crew:
        each.join()
    assert 1 <= time.monotonic() - start < 5


def test_a_page_loads_its_files_below_the_sandbox_s_prefix(pages):
    """What a browser finds in the page is there, in the size of the world; no other weighs anything."""
    ask = pages(CASES)
    text = ask("/cases")[2].decode()
    assert [f"/portal{SCRIPT}"] == re.findall(r'<script src="([^"]+)"', text)
    assert [f"/portal{STYLE}"] == re.findall(r'<link rel="stylesheet" href="([^"]+)"', text)
    assert 40 * 1024 == pytest.approx(len(text), rel=0.01)
    sizes = {path: len(ask(path)[2]) for path in (SCRIPT, STYLE)}
    assert {SCRIPT: 900 * 1024, STYLE: 30 * 1024} == sizes
    assert ["application/javascript", "text/css"] == [
        ask(path)[1]["Content-Type"].partition(";")[0] for path in (SCRIPT, STYLE)
    ]


@pytest.mark.parametrize(("path", "share"), [(SCRIPT, (0.25, 0.4)), ("/cases", (0.1, 0.25))])
def test_what_is_asked_for_compressed_comes_compressed(pages, path, share):
    """As far as true bundles and pages are, and to the same bytes."""
    ask = pages({**CASES, "wait_ms": 0})
    plain, small = ask(path), ask(path, **GZIP)
    assert (None, "gzip") == (plain[1].get("Content-Encoding"), small[1]["Content-Encoding"])
    assert "Accept-Encoding" == small[1]["Vary"]
    assert plain[2] == gzip.decompress(small[2])
    assert share[0] < len(small[2]) / len(plain[2]) < share[1]


@pytest.mark.parametrize(
    ("cache", "age", "control"),
    [("MISS", "0", "private, no-cache, no-store, max-age=0, must-revalidate"),
     ("HIT", "3600", "public, max-age=0, must-revalidate"),
     ("STALE", "3600", "public, max-age=0, must-revalidate"),
     ("BYPASS", "0", "private, no-cache, no-store, max-age=0, must-revalidate")],
)  # fmt: skip
def test_the_cache_is_told_in_vercel_s_headers(pages, cache, age, control):
    """Where a page came from, how old it is, and who may keep it."""
    _, headers, _, _ = pages({"path": "/", "cache": cache})("/")
    assert (cache, age, control) == tuple(headers[name] for name in ("X-Vercel-Cache", "Age", "Cache-Control"))
    assert re.fullmatch(r"iad1::iad1::[0-9a-f]{5}-1795186800000-[0-9a-f]{12}", headers["X-Vercel-Id"])


def test_what_the_client_has_is_not_sent_again(pages):
    """304 without a body for the ETag that was given; a file may be kept for ever."""
    ask = pages(CASES)
    _, headers, _, _ = ask(SCRIPT)
    again = ask(SCRIPT, **{"If-None-Match": headers["ETag"]})
    assert (304, b"") == (again[0], again[2])
    assert 200 == ask(SCRIPT, **{"If-None-Match": 'W/"other"'})[0]
    assert "public,max-age=31536000,immutable" == headers["Cache-Control"]


def test_a_head_has_the_length_without_the_body(pages):
    """As a page's own answer says it."""
    ask = pages({"path": "/", "html_kb": 10})
    head, body = ask("/", method="HEAD"), ask("/")
    assert (200, b"") == (head[0], head[2])
    assert str(len(body[2])) == head[1]["Content-Length"]


@pytest.mark.parametrize(
    ("page", "status", "location"),
    [({"location": "/login"}, 307, "/portal/login"),
     ({"location": "/login", "status": 308}, 308, "/portal/login"),
     ({"location": "https://elsewhere.example/x"}, 307, "https://elsewhere.example/x")],
)  # fmt: skip
def test_a_page_may_send_elsewhere(pages, page, status, location):
    """Within the portal below the sandbox's prefix, to another host by a whole address."""
    answer = pages({"path": "/", **page})("/")
    assert (status, location) == (answer[0], answer[1]["Location"])


def test_a_page_may_be_broken(pages):
    """Its own status, and a 404 of Vercel's for what no page is."""
    ask = pages({"path": "/broken", "status": 500})
    assert (500, b"500: Internal Server Error") == (ask("/broken")[0], title(ask("/broken")[2]))
    nothing = ask("/nothing")
    assert (404, "NOT_FOUND") == (nothing[0], nothing[1]["X-Vercel-Error"])


def title(body):
    return re.search(rb"<title>(.*)</title>", body)[1]


def test_a_body_may_come_in_parts(pages):
    """The head comes at once, and the rest with pauses."""
    box = pages({"path": "/", "html_kb": 64, "chunk_ms": 200}).box
    connection = http.client.HTTPConnection(box.http.removeprefix("http://"), timeout=10)
    start = time.monotonic()
    connection.request("GET", "/portal/")
    answer = connection.getresponse()
    first = time.monotonic() - start
    assert 64 * 1024 == pytest.approx(len(answer.read()), rel=0.01)
    whole = time.monotonic() - start
    connection.close()
    assert first < 0.2
    assert 0.6 <= whole < 3


def test_a_fault_is_vercel_s_page_of_an_error(pages):
    """In the way of any vendor; the glob of a route spans a path's parts."""
    fault = {"vendor": "portal", "route": "GET /cases*", "error": "FUNCTION_INVOCATION_TIMEOUT", "status": 504}
    ask = pages(CASES, faults=[{**fault, "times": 1}])
    answer = ask("/cases")
    assert (504, "FUNCTION_INVOCATION_TIMEOUT") == (answer[0], answer[1]["X-Vercel-Error"])
    assert 200 == ask("/cases")[0]


def test_no_page_is_an_unknown_route(pages, home):
    """A page that is missing is a finding of the command's, not a mistake of the sandbox's; another method is one."""
    ask = pages(CASES)
    ask("/a/b/c/nothing")
    assert 405 == ask("/cases", method="POST")[0]
    assert ["/cases"] == [each["path"] for each in sandbox.unknown_requests(home)]


@pytest.mark.parametrize(
    ("page", "sentence"),
    [({"path": "cases"}, "portal.pages[0].path: must begin with a slash."),
     ({}, "portal.pages[0].path: must be a string."),
     ({"path": "/", "wait": 1}, "portal.pages[0].wait: no such key; did you mean wait_ms?"),
     ({"path": "/", "cache": "HITT"}, "portal.pages[0].cache: no such cache; did you mean HIT?"),
     ({"path": "/", "status": 100}, "portal.pages[0].status: must be a status of an answer, from 200 to 599."),
     ({"path": "/", "db_ms": -1}, "portal.pages[0].db_ms: must be a number from 0 to 60000."),
     ({"path": "/", "external": {"ups": "x"}}, "portal.pages[0].external.ups: must be a number from 0 to 60000."),
     ({"path": "/", "scripts": [{"path": "/a.js", "kb": 1}, {"path": "/a.js", "kb": 2}]},
      "portal.pages: /a.js has two sizes."),
     ({"path": "/", "scripts": [{"path": "/", "kb": 1}]}, "portal.pages: / occurs twice.")],
)  # fmt: skip
def test_a_world_that_makes_no_sense_is_refused(pages, page, sentence):
    """With the place in the file."""
    with pytest.raises(BadInput, match=re.escape(sentence)):
        pages(page)


def test_a_dump_is_a_world(pages, home):
    """What was completed loads again as it stands."""
    pages(CASES)
    first = sandbox.dump(home)
    assert NOW == first["now"]
    sandbox.load(home, first, source="")
    assert first == sandbox.dump(home)
