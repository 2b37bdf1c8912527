"""The probe of pages against real sockets: what it measures, where it goes, and where nobody leads it."""

import gzip
import socket
import ssl
import subprocess
import threading
import time
from shutil import which

import pytest

from peakops.endpoints import shown
from peakops.errors import NotConfigured
from peakops.settings import Settings
from peakops.sources import pages_wire
from peakops.sources.pages import Pages
from peakops.sources.pages_address import target
from peakops.sources.pages_bundle import _named
from peakops.sources.pages_head import timings
from peakops.sources.pages_walk import HOPS, Visitor
from peakops.sources.pages_wire import Line, Silence

from .played import Played, Reply

COOKIE = "sb-access-token=canary-cookie"
TLS_STARTS_S = 0.05
LARGEST = 16 << 20


class Site:
    """A server that sends raw bytes, by path, and keeps what it was asked: one connection a thread, kept open."""

    def __init__(self, pages, context=None):
        self.pages, self.context, self.asked, self.connections = pages, context, [], 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        scheme = "https" if context else "http"
        self.url = f"{scheme}://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                taken, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(taken,), daemon=True).start()

    def _serve(self, taken):
        try:
            if self.context:
                time.sleep(TLS_STARTS_S)
                taken = self.context.wrap_socket(taken, server_side=True)
            with taken, taken.makefile("rb") as read:
                while head := head_of(read):
                    path = head.split()[1].decode()
                    self.asked.append((path, head.decode("latin-1").lower()))
                    sent = self.pages[path]
                    for part in sent() if callable(sent) else [sent]:
                        taken.sendall(part)
        except (OSError, KeyError):
            taken.close()

    def stop(self):
        self._listening.close()


def head_of(read):
    """The lines of a request before its empty line; nothing where the connection has ended."""
    lines = []
    while (line := read.readline()) not in (b"\r\n", b""):
        lines.append(line)
    return b"".join(lines)


def said(body=b"<html></html>", status=200, **headers):
    """One answer as it goes over the wire."""
    told = {"Content-Type": "text/html", **{name.replace("_", "-"): value for name, value in headers.items()}}
    head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"HTTP/1.1 {status} X\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode("latin-1") + body


def sent_on(to):
    return said(b"", 307, Location=to)


@pytest.fixture
def site():
    """Servers of raw answers: `site({path: answer})`."""
    made = []

    def make(pages, context=None):
        made.append(Site(pages, context))
        return made[-1]

    yield make
    for each in made:
        each.stop()


def probed(*urls, seconds=8.0, times=1, **settings):
    """The rows of a probe, and how long it took."""
    began = time.monotonic()
    brought = Pages(Settings(**settings), deadline=began + seconds).probe(urls, times)
    return brought, time.monotonic() - began


def row_of(url, **more):
    brought, _ = probed(url, **more)
    (row,) = brought.rows
    return row


def kinds(row):
    return [each["kind"] for each in row["samples"]]


def test_cold_and_warm_are_told_apart(site):
    """The first visit and each cold sample open a connection, a warm one asks again over it."""
    there = site({"/": said()})
    row = row_of(f"{there.url}/", times=5)

    assert ["first", *["cold", "warm"] * 5] == kinds(row)
    assert 6 == there.connections
    assert all(each["connect_ms"] == 0 for each in row["samples"] if each["kind"] == "warm")


def test_what_waits_is_wait_and_what_drips_is_download(site):
    """Before the head is wait, behind it download; the phases come to the total."""

    def slowly():
        time.sleep(0.3)
        whole = said(b"x" * 1000)
        yield whole[:-500]
        time.sleep(0.2)
        yield whole[-500:]

    first = row_of(f"{site({'/': slowly}).url}/")["samples"][0]

    assert first["wait_ms"] >= 300
    assert first["download_ms"] >= 200
    phases = sum(first[name] for name in ("dns_ms", "connect_ms", "tls_ms", "wait_ms", "download_ms"))
    assert phases == pytest.approx(first["total_ms"], abs=0.4)


def test_headers_are_read_for_what_they_may_hold(site):
    """Server-Timing, the cache and the region are read; anything else in those headers is not passed on."""
    good = said(
        Server_Timing='db;desc="Post,gres;dur=9";dur=53.2, salesforce;dur=310, miss, total;dur=400',
        X_Vercel_Cache="MISS",
        X_Vercel_Id="fra1::iad1::abc-1-2",
        Age="17",
        Cache_Control="private, no-store",
    )
    evil = said(
        Server_Timing="\x1b[31mdb;dur=1, d\u00e9b;dur=1, x;dur=99999999999, y;dur=-5, z;dur=1e9",
        X_Vercel_Cache="\x1b[31mHIT",
        X_Vercel_Id="\x1b]0;x\x07",
        Age="-1",
        Cache_Control="\x1b[2Jmax-age=1",
        Content_Type="text/html\x1b[31m",
    )
    there = site({"/good": good, "/evil": evil})
    told, hidden = (row_of(f"{there.url}/{each}") for each in ("good", "evil"))

    timings = {each["name"]: each["ms"] for each in told["samples"][0]["server_timing"]}
    assert {"db": 53.2, "salesforce": 310.0, "total": 400.0} == timings
    assert ("MISS", "iad1", 17, "private, no-store") == (
        told["cache"],
        told["region"],
        told["age_s"],
        told["cache_control"],
    )
    assert [None] * 5 == [hidden[each] for each in ("cache", "region", "age_s", "cache_control", "content_type")]
    assert "\x1b" not in repr(hidden)


def test_the_cookie_goes_to_the_portal_alone(site):
    """The portal gets it; another host that it sends us on to does not, nor what lies beside the portal's path."""
    other = site({"/there": said()})
    portal = site({"/p/a": sent_on(f"{other.url}/there"), "/q": said()})
    settings = {"portal_url": f"{portal.url}/p", "portal_cookie": COOKIE}
    row = row_of(f"{portal.url}/p/a", **settings)
    beside = row_of(f"{portal.url}/q", **settings)

    assert COOKIE in portal.asked[0][1]
    assert other.asked
    assert all("cookie" not in head for _, head in [*other.asked, *portal.asked[1:]])
    assert (False, False) == (row["cookie"], beside["cookie"])
    assert f"{other.url}/there" == row["measured"]


@pytest.mark.parametrize(
    ("url", "goes"),
    [
        ("https://portal.example/cases", True),
        ("https://portal.example:443/cases", True),
        ("http://portal.example/cases", False),
        ("https://portal.example:8443/cases", False),
        ("https://www.portal.example/cases", False),
        ("https://portal.example.evil.example/cases", False),
    ],
)
def test_the_cookie_is_of_one_origin(url, goes):
    """Scheme, host and port must be the portal's."""
    visitor = Visitor(Settings(portal_url="https://portal.example", portal_cookie=COOKIE))

    assert goes == visitor.known_at(_split(url))


def test_the_cookie_never_travels_in_the_clear():
    """Not even to a portal that is configured without TLS, unless it is this machine."""
    visitor = Visitor(Settings(portal_url="http://portal.example", portal_cookie=COOKIE))

    assert not visitor.known_at(_split("http://portal.example/"))


def _split(url):
    from urllib.parse import urlsplit

    return urlsplit(url)


@pytest.mark.parametrize(("hops", "ended"), [(HOPS, None), (HOPS + 1, "too_many")])
def test_five_redirects_are_followed(site, hops, ended):
    """Five lead to the page, a sixth is not followed."""
    pages = {f"/{number}": sent_on(f"/{number + 1}") for number in range(hops)}
    there = site({**pages, f"/{hops}": said()})
    row = row_of(f"{there.url}/0")

    assert ended == row["ended"]
    assert hops == len(row["redirects"])
    assert (f"/{hops}" in [path for path, _ in there.asked]) == (ended is None)


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "javascript:alert(1)",
        "ftp://a.example/",
        "http://user:canary-pass@a.example/",
        "//[::1",
        "http://a.example:99999/",
    ],
)
def test_nowhere_else_is_gone(site, location):
    """What is no address of HTTP, or holds a password, is not followed, and not told."""
    row = row_of(f"{site({'/': sent_on(location)}).url}/")

    assert ("nowhere", None, []) == (row["ended"], row["redirects"][0]["to"], row["samples"])
    assert "canary" not in repr(row)


def test_what_stands_behind_a_path_is_not_told(site):
    """A redirect's query may hold a token; it is followed, and shown as an ellipsis."""
    there = site({"/": sent_on("/in?token=canary-token"), "/in?token=canary-token": said()})
    row = row_of(f"{there.url}/")

    assert 200 == row["status"]
    assert "canary" not in repr(row)
    assert row["measured"].endswith("/in?…")


def test_a_bomb_stays_small(site):
    """A body that is small when it travels and large unpacked is cut at 16 MiB."""
    bomb = gzip.compress(b"\0" * (LARGEST * 4), 1)
    row = row_of(f"{site({'/': said(bomb, Content_Encoding='gzip')}).url}/")

    assert (True, LARGEST) == (row["cut"], row["plain_bytes"])
    assert row["bytes"] < LARGEST


def test_a_body_without_an_end_is_cut():
    """As much as 16 MiB is read, and no more."""
    played = Played(Reply(endless=True, headers={"Content-Type": "text/html"}))
    row = row_of(played.url)
    played.stop()

    assert (True, 200) == (row["cut"], row["status"])


@pytest.mark.parametrize("reply", [Reply(drip=True), Reply(mute=True), Reply(after_s=20)], ids=["body", "head", "none"])
def test_what_drips_is_given_up(reply):
    """A body or a head that comes byte by byte, and none at all, end with the time that there is."""
    played = Played(reply)
    brought, took = probed(played.url, seconds=1.5)
    played.stop()

    assert "timeout" == brought.rows[0]["ended"]
    assert 0 < brought.rows[0]["waited_ms"] <= 1300
    assert took < 2.5


@pytest.mark.parametrize(
    ("url", "ended"), [("http://127.0.0.1:9/", "connect"), ("http://no-such-host.invalid/", "dns")]
)
def test_no_answer_is_told_by_what_failed(url, ended):
    """Nobody listens, or there is no such host: a row says which, and nothing is raised."""
    row = row_of(url, seconds=20)

    assert (ended, None, []) == (row["ended"], row["status"], row["samples"])


def test_what_is_no_http_is_broken(site):
    """Garbage, a body that ends early and a reset are a connection that broke."""
    early = said(b"x" * 100)[:-50]
    there = site({"/garbage": b"SSH-2.0-x\r\n\r\n" * 3, "/early": lambda: _then_close(early)})

    assert ["broken"] * 2 == [row_of(f"{there.url}{path}", seconds=3)["ended"] for path in ("/garbage", "/early")]


def test_answers_before_the_answer_are_passed_over(site):
    """103 Early Hints and 100 Continue are not the page: it is waited for what comes behind them."""

    def hinted():
        yield b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
        time.sleep(0.2)
        yield said()

    def endless():
        while True:
            yield b"HTTP/1.1 103 Early Hints\r\n\r\n"

    there = site({"/": hinted, "/endless": endless})
    row, lost = row_of(f"{there.url}/"), row_of(f"{there.url}/endless", seconds=5)

    assert [200] * 3 == [each["status"] for each in row["samples"]]
    assert all(each["wait_ms"] >= 200 for each in row["samples"])
    assert "broken" == lost["ended"]


def test_a_connection_that_was_closed_meanwhile_is_nobodys_fault(site):
    """A server may close a connection that is idle without a word: no sample is missing for it, and no file."""
    html = b"<script src=/a.js></script><script src=/b.js></script>"
    scripts = {path: lambda: _then_close(said(b"x" * 10)) for path in ("/a.js", "/b.js")}
    row = row_of(f"{site({'/': lambda: _then_close(said(html)), **scripts}).url}/", times=2)

    assert (["first", "cold", "cold"], []) == (kinds(row), row["dropped"])
    assert 2 == row["bundle"]["fetched"]


@pytest.mark.parametrize("ended", ["slow_connect", "slow_tls", "slow_dns"])
def test_a_way_that_takes_the_time_is_not_the_page(ended, monkeypatch):
    """Where the time ends before the page could be asked, it is told so: nothing waited for the page."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0 if ended == "slow_connect" else 5)
        host, port = listening.getsockname()
        crowd = [socket.socket() for _ in range(4 if ended == "slow_connect" else 0)]
        for each in crowd:
            each.setblocking(False)
            each.connect_ex((host, port))
        if ended == "slow_dns":
            monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(5))
        row = row_of(f"{'https' if ended == 'slow_tls' else 'http'}://{host}:{port}/", seconds=1.5)
        for each in crowd:
            each.close()

    assert (ended, []) == (row["ended"], row["samples"])


@pytest.mark.parametrize("host", ["[::1]", "[::ffff:127.0.0.1]", "localhost"])
def test_an_address_is_no_port(site, host):
    """The end of an IPv6 address is not taken for a port."""
    if not socket.has_ipv6:
        pytest.skip("IPv6: not on this machine")
    there = site({"/": said()})
    row = row_of(there.url.replace("127.0.0.1", host) + "/")

    assert row["ended"] in ((None, "connect") if host == "[::1]" else (None,))


@pytest.mark.parametrize("host", ["\u00e4..example", "a..example", "\u00e4" * 64, "a" * 64])
def test_a_name_that_none_can_have_does_not_resolve(host):
    """Labels that are empty or too long end as a name that is not there."""
    assert "dns" == row_of(f"http://{host}/", seconds=20)["ended"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a" * 60_000, []),
        ('"' * 60_001, []),
        ("db;" * 20_000, []),
        ("db;dur=-5, x;dur=1e9, y;dur=99999999999, z;dur=", []),
        ('a;desc="x\\"y;dur=1, b;dur=2";dur="7.25"', [("a", 7.25)]),
        ("db;dur=3;dur=4, db ; Dur = 5", [("db", 3.0), ("db", 5.0)]),
        (", ".join(["db;dur=1"] * 50), [("db", 1.0)] * 20),
    ],
    ids=["a_name", "quotes", "parameters", "no_lengths", "quoted", "twice", "many"],
)
def test_server_timing_is_read_in_no_time(text, told):
    """Whatever a header holds: it is read once, and a length is one that a page can have waited for."""
    began = time.process_time()
    found = timings({"server-timing": text})

    assert told == [(each["name"], each["ms"]) for each in found]
    assert time.process_time() - began < 0.5


def test_a_large_document_is_read_in_no_time(site):
    """Of 15 MB of a list only the tags are read that name files, behind it, too; comments name none."""
    rows = b"<tr><td class=x>a</td><td><a href='/b'>c</a></td></tr>\n" * 280_000
    html = b"<!-- <script src=/no.js></script> -->" + rows + b"<script src='/s.js></script><SCRIPT SRC=/t.js></script>"
    named = [each.url.path for each in _named(_split("http://p.example/"), html)]
    began = time.process_time()
    row = row_of(f"{site({'/': said(gzip.compress(html, 1), Content_Encoding='gzip'), '/t.js': said()}).url}/")

    assert ["/t.js"] == named
    assert 1 == row["bundle"]["fetched"]
    assert time.process_time() - began < 5


def test_a_body_that_cannot_be_read_has_no_bundle(site):
    """What is packed in br names no files for us: that is not known, and not none."""
    assert row_of(f"{site({'/': said(b'12345', Content_Encoding='br')}).url}/")["bundle"] is None


def test_files_that_nobody_gets_are_counted(site):
    """404, 410 and 5xx; a refusal may be for the cookie that is not sent."""
    html = b"".join(b"<script src=/%d.js></script>" % each for each in (404, 500, 401))
    pages = {f"/{status}.js": said(b"", status) for status in (404, 500, 401)}
    bundle = row_of(f"{site({'/': said(html), **pages}).url}/")["bundle"]

    assert (3, 0, 2) == (bundle["files"], bundle["fetched"], bundle["failed"])


def test_the_cookie_of_the_first_visit_is_told(site):
    """Also where the page sends us on to another host, which does not get it."""
    other = site({"/login": said()})
    portal = site({"/": sent_on(f"{other.url}/login")})
    row = row_of(f"{portal.url}/", portal_url=portal.url, portal_cookie=COOKIE)

    assert (True, False) == (row["cookie_at_first"], row["cookie"])


def _then_close(part):
    yield part
    raise OSError


def test_the_bundle_is_what_the_page_names_of_its_own_host(site):
    """Scripts and styles are fetched once each and counted as they travel; another host's are counted alone."""
    other = site({"/o.js": said()})
    html = f"""<!doctype html><link rel=stylesheet href="a.css"><link rel=modulepreload href=/m.js>
      <link rel=preload as=font href=/f.woff><link rel=icon href=/i.png><script src="/s.js#x"></script>
      <script src="/s.js"></script><script>1</script><script src="{other.url}/o.js"></script>
      <script src="javascript:1"></script><script src="//[bad"></script><script src=/gone.js></script>""".encode()
    packed = gzip.compress(b"a" * 90_000)
    there = site(
        {
            "/d/": said(html),
            "/d/a.css": said(b"c" * 20_000),
            "/m.js": said(packed, Content_Encoding="gzip"),
            "/s.js": said(b"s" * 300),
            "/gone.js": said(b"", 404),
        }
    )
    bundle = row_of(f"{there.url}/d/")["bundle"]

    assert [] == other.asked
    assert (4, 3, 1) == (bundle["files"], bundle["fetched"], bundle["foreign"])
    assert (20_000 + len(packed) + 300, len(packed) + 300) == (bundle["bytes"], bundle["script_bytes"])
    assert (1, "/d/a.css") == (bundle["uncompressed"], bundle["largest"][0]["path"])
    assert 1 == sum(path == "/s.js" for path, _ in there.asked)


def test_the_bundle_gets_no_cookie(site):
    """Files are everybody's; only the page itself is asked for with the cookie."""
    there = site({"/": said(b"<script src=/s.js></script>"), "/s.js": said()})
    row_of(f"{there.url}/", portal_url=there.url, portal_cookie=COOKIE)

    assert ["cookie" in head for path, head in there.asked if path == "/s.js"] == [False]
    assert all("cookie" in head for path, head in there.asked if path == "/")


def test_what_is_no_html_has_no_bundle(site):
    """JSON, and a page that refuses, name no files."""
    there = site(
        {"/j": said(b'"<script src=/s.js></script>"', Content_Type="application/json"), "/n": said(status=404)}
    )

    assert [None, None] == [row_of(f"{there.url}{path}")["bundle"] for path in ("/j", "/n")]


def test_a_server_that_hangs_up_gives_no_warm_samples(site):
    """Where each answer closes the connection, all samples are cold."""
    row = row_of(f"{site({'/': said(Connection='close')}).url}/", times=2)

    assert ["first", "cold", "cold"] == kinds(row)
    assert [] == row["dropped"]


def test_a_body_in_another_packing_is_counted(site):
    """br and zstd are not ours to unpack: the size as it travels is told, the other is not known."""
    row = row_of(f"{site({'/': said(b'12345', Content_Encoding='br')}).url}/")

    assert ("br", 5, None) == (row["encoding"], row["bytes"], row["plain_bytes"])


def test_a_page_that_asks_to_wait_is_left_alone(site):
    """After a 429 nothing more is asked, and no note speaks of the time."""
    there = site({"/": said(status=429)})
    brought, _ = probed(f"{there.url}/", times=5)

    assert (1, ()) == (len(there.asked), brought.notes)
    assert 429 == brought.rows[0]["status"]


@pytest.mark.parametrize("cookie", ["a=1\r\nX-Evil: canary", "a=ü", "a=\x1b"])
def test_a_cookie_that_cannot_be_sent_is_a_setting(cookie):
    """It is refused before anything is asked, and not repeated."""
    with pytest.raises(NotConfigured, match="PEAKOPS_PORTAL_COOKIE") as refused:
        probed("http://127.0.0.1:9/", portal_url="http://127.0.0.1:9", portal_cookie=cookie)

    assert "pages.malformed" == refused.value.code
    assert "canary" not in str(refused.value)


def test_rounds_end_with_the_time(site):
    """Fewer samples than were asked for, evenly of all pages, and a note for each; nothing outlasts the time."""

    def slow():
        time.sleep(0.3)
        yield said()

    there = site({"/a": slow, "/b": slow})
    brought, took = probed(f"{there.url}/a", f"{there.url}/b", seconds=6, times=50)
    counts = [len(row["samples"]) for row in brought.rows]

    assert 2 == len(brought.notes)
    assert abs(counts[0] - counts[1]) <= 2
    assert min(counts) >= 1
    assert took < 7


def test_an_address_is_asked_for_as_a_browser_does():
    """Blanks and umlauts are written in percent; what is written so already stays."""
    assert "/a%20b/%C3%BC?q=%41&r=%20" == target(_split("https://p.example/a b/ü?q=%41&r= "))
    assert "https://p.example/x?…" == shown(_split("https://p.example/x?q=1"))


def certificate(folder, name, *, days, san="IP:127.0.0.1"):
    """A certificate that signs itself, by the openssl command; the test is left out where there is none."""
    if not which("openssl"):
        pytest.skip("openssl: not on this machine")
    made = [str(folder / f"{name}.{kind}") for kind in ("key", "pem")]
    subject = ["-subj", "/CN=portal.example", "-addext", f"subjectAltName={san}"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", made[0], "-out", made[1]]
    subprocess.run([*command, "-days", str(days), *subject], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made[1], made[0])
    return context, made[1]


@pytest.fixture
def trusting(monkeypatch):
    """Trust a certificate: `trusting(file)`."""

    def trust(file):
        monkeypatch.setenv("SSL_CERT_FILE", file)
        pages_wire._certificates.cache_clear()

    yield trust
    pages_wire._certificates.cache_clear()


def test_tls_has_a_time_of_its_own(site, tmp_path, trusting):
    """The handshake is neither connecting nor waiting; a connection that is open needs none."""
    context, file = certificate(tmp_path, "good", days=2)
    trusting(file)
    row = row_of(f"{site({'/': said()}, context).url}/")
    first, cold, warm = row["samples"]

    assert first["tls_ms"] >= TLS_STARTS_S * 1000
    assert cold["tls_ms"] >= TLS_STARTS_S * 1000
    assert 0 == warm["tls_ms"]


@pytest.mark.parametrize(
    ("san", "trusted", "detail"),
    [("IP:127.0.0.1", False, 18), ("DNS:other.example", True, 64)],
    ids=["not_known", "of_another_host"],
)
def test_a_wrong_certificate_is_told(site, tmp_path, trusting, san, trusted, detail):
    """Nothing is asked of a server whose certificate is not trusted; OpenSSL's number says why."""
    context, file = certificate(tmp_path, "wrong", days=2, san=san)
    other, known = certificate(tmp_path, "known", days=2)
    assert other
    trusting(file if trusted else known)
    there = site({"/": said()}, context)
    row = row_of(f"{there.url}/")

    assert ("certificate", detail, []) == (row["ended"], row["detail"], there.asked)


def test_opening_after_the_end_of_time_is_silence():
    """No connection is begun where no time is left."""
    with pytest.raises(Silence):
        Line(_split("http://127.0.0.1:9/"), time.monotonic() - 1)
