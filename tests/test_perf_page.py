"""`peakops perf page` end to end: each world's verdict, the chart, the HTML page in a browser, and what is refused."""

import json
import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from shutil import which

import jsonschema
import pytest

from peakops.render import phases, schema, sheet

from .conftest import WORLDS
from .test_worlds import golden, steady

EXPECTED = {
    "behind_login": ("page_refused", "log_in", 1),
    "cold_start": ("cold_start", None, 1),
    "could_be_faster": ("could_be_faster", "database", 1),
    "fast": ("fast", None, 0),
    "large_bundle": ("large_bundle", None, 1),
    "large_data": ("large_data", None, 1),
    "page_error": ("page_error", None, 2),
    "redirect_loop": ("redirect_loop", None, 2),
    "several": ("slow_server", "not_told_apart", 2),
    "slow_database": ("slow_database", None, 2),
    "slow_download": ("slow_download", "large_data", 2),
    "slow_external_api": ("slow_external_api", "salesforce", 2),
    "slow_for_visitors": ("slow_for_visitors", "lcp", 2),
    "slow_server": ("slow_server", "not_told_apart", 2),
    "vercel_silent": ("unknown", None, 3),
}
"""Each world with its verdict, cause and exit code."""
PAGES = {"several": ("/cases", "/cases/1042", "/invoices")}
ONCE = "cold_start"
"""The world whose first visit differs from all later ones."""
TIME = ("--timeout", "6s")
"""Enough for a first visit and a cold sample of the slowest world; a run without it takes five rounds of two."""
VALIDATOR = jsonschema.Draft202012Validator(schema.of("perf page"))
MEASURED = r"(?<!allows )(?<!good up to )(?<!poor from )(?<![\d,.])[\d,.]+(?= (?:ms|s|kB|MB|%)(?!\w))"
ROUNDS = r"  ! probes: \S+: \d of 5 rounds in the time.*\n"
LINES = rf"^(?:  (?:{'|'.join((*phases.KINDS.values(), *phases.PARTS.values()))}) +\d.*\n|{ROUNDS})"
COUNTED = re.compile(r"_ms$|^(?:ms|share|bytes|script_bytes|plain_bytes|samples)$")


def settled(text):
    """What is measured is another figure each time, and how many samples there was time for: both are left out."""
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:0", steady(text))
    text = re.sub(r"\d+ of \d+ times", "0 of 0 times", re.sub(MEASURED, "0", text))
    return re.sub(LINES, "", text, flags=re.MULTILINE)


def settled_envelope(text):
    """Likewise of a document, of which the form stays: which fields there are, and all that is no figure."""
    return settled(json.dumps(_settled(json.loads(text)), indent=2, ensure_ascii=False)) + "\n"


def _settled(value, key=""):
    if COUNTED.search(key):
        return 0
    if key == "notes":
        return [each for each in value if "rounds in the time" not in each]
    if key == "parts":
        return sorted(each["part"] for each in value)
    if isinstance(value, dict):
        return {name: _settled(each, name) for name, each in value.items()}
    if isinstance(value, list):
        return [_settled(each, key) for each in value]
    return value


def both(peakops, words):
    """The command for a script, which is run first, and for a person at the same time: most of it is waiting."""
    ran = []

    def run(*args):
        if not ran:
            with ThreadPoolExecutor(2) as crew:
                ran.extend(crew.map(lambda args: peakops(*args), (args, ("--sandbox", *words))))
        return ran["--json" not in args]

    return run


def test_every_world_is_expected_somewhere():
    """No world of the command is without its verdict here, and none is named that is not there."""
    assert sorted(EXPECTED) == sorted(each.stem for each in (WORLDS / "perf_page").glob("*.json"))


@pytest.mark.parametrize("name", EXPECTED)
def test_world(name, peakops, load, snapshot):
    """The verdict, the cause and the exit code; the same code in both formats; the envelope keeps its schema."""
    load(f"perf_page/{name}")
    words = ("perf", "page", *PAGES.get(name, ("/cases",)), *TIME)

    def anew(*args):
        load(f"perf_page/{name}")
        return peakops(*args)

    run = anew if name == ONCE else both(peakops, words)
    printed = golden(words, EXPECTED[name], VALIDATOR, run, snapshot, page=settled, envelope=settled_envelope)

    assert "canary" not in printed


def test_the_sandbox_knows_every_request(peakops, load, state):
    """Whatever is asked of Vercel and of the portal has a route; else a verdict would rest on a 404."""
    from peakops import sandbox

    load("perf_page/fast")
    peakops("--sandbox", "perf", "page", "/cases", "--json")

    assert [] == sandbox.unknown_requests(state / "peakops")


@pytest.mark.parametrize(
    ("words", "code", "category"),
    [
        ((), 64, "usage"),
        (("file:///etc/passwd",), 64, "usage"),
        (("ftp://portal.example/",), 64, "usage"),
        (("portal.example/cases",), 64, "usage"),
        (("//portal.example/cases",), 64, "usage"),
        (("https://",), 64, "usage"),
        (("https://portal.example:99999/",), 64, "usage"),
        (("https://someone:canary-pass@portal.example/",), 64, "usage"),
        (("https://canary-token@portal.example/",), 64, "usage"),
        (("/cases\x1b[31m",), 64, "usage"),
        (("/a" * 2000,), 64, "usage"),
        (tuple(f"/{number}" for number in range(11)), 64, "usage"),
        (("/cases", "--times", "4"), 64, "usage"),
        (("/cases", "--times", "51"), 64, "usage"),
        (("/cases", "--since", "soon"), 64, "usage"),
        (("/cases", "--html", "/no-such-folder/x.html"), 64, "usage"),
        (("/cases", "--guide", "--html", "x.html"), 64, "usage"),
    ],
)
def test_what_cannot_be_measured_is_refused(words, code, category, peakops, load):
    """An address that is none of HTTP, or holds a password, is refused before anything is asked, and not repeated."""
    load("perf_page/fast")
    ran = peakops("--sandbox", "perf", "page", *words, "--json")

    assert (code, category) == (ran.code, ran.json["error"]["category"])
    assert "canary" not in ran.out + ran.err


def test_a_path_needs_the_portals_address(peakops):
    """Without PEAKOPS_PORTAL_URL a path is of no portal: the setting is named."""
    ran = peakops("perf", "page", "/cases", "--json")

    assert 78 == ran.code
    assert "PEAKOPS_PORTAL_URL" in ran.json["error"]["message"]


def test_vercel_that_is_not_configured_is_passed_over(peakops, load, state):
    """A whole address needs no setting at all: the probe speaks alone, and says so."""
    up = load("perf_page/fast")
    ran = peakops("perf", "page", f"{up.vendor_url('portal')}/cases", "--json")

    assert ("fast", 0) == (ran.json["verdict"]["code"], ran.code)
    assert not ran.json["verdict"]["complete"]
    assert "Vercel is not configured. The probe speaks alone." in ran.out


def test_two_outputs_are_two_files(peakops, load, tmp_path):
    """The page and the report cannot be one file: it is refused before anything is asked, and nothing is written."""
    load("perf_page/fast")
    file = str(tmp_path / "page.html")
    ran = peakops("--sandbox", "perf", "page", "/cases", "--html", file, "--output", file, "--json")

    assert 64 == ran.code
    assert [] == list(tmp_path.iterdir())


def test_a_query_that_is_typed_is_told_nowhere(peakops, load, state, tmp_path):
    """It may be a link with a token in it: neither the output, nor the drawing, nor the journal has it."""
    up, file = load("perf_page/fast"), tmp_path / "page.html"
    words = (f"{up.vendor_url('portal')}/cases?code=canary-code", "--html", str(file), "--reveal", "--reason", "a look")
    ran = peakops("perf", "page", *words, "--json")
    kept = [each.read_text("utf-8") for each in state.rglob("journal*") if each.is_file()]

    assert ran.json["given"]["urls"][0].endswith("/cases?…")
    assert kept
    assert "canary" not in "".join((ran.out, ran.err, file.read_text(), *kept))


def test_guide_asks_nobody(peakops):
    """The decision tree is there without a page and without a sandbox."""
    ran = peakops("perf", "page", "--guide")

    assert 0 == ran.code
    assert "slow_external_api" in ran.out


def test_say_customer(peakops, load):
    """A reply for the customer, without an address or a figure."""
    load("perf_page/large_bundle")
    ran = peakops("--sandbox", "perf", "page", "/cases", "--say", "customer")

    assert 1 == ran.code
    assert "We are making it smaller." in ran.out
    assert "127.0.0.1" not in ran.out


def measured(wait=900, **more):
    """The data of one page, as the chart and the HTML page draw it."""
    p50 = {"dns_ms": 100, "connect_ms": 0, "tls_ms": 0, "wait_ms": wait, "download_ms": 0, "total_ms": wait + 100}
    p95 = {name: each * 2 for name, each in p50.items()}
    parts = [{"part": "server", "ms": float(wait), "share": 0.9}, {"part": "network", "ms": 100.0, "share": 0.1}]
    base = {"url": "https://p.example/c", "measured": "https://p.example/c", "ended": None, "status": 200}
    read = {"spoken": "HTTP/1.1", "bytes": 9000, "plain_bytes": 40_000, "cache": "MISS", "region": "iad1"}
    return {
        **{**base, **read, "bundle": {"bytes": 90_000, "fetched": 3}},
        **{"kinds": [{"kind": "cold", "samples": 5, "p50": p50, "p95": p95}], "parts": parts, **more},
    }


def test_a_bar_has_a_letter_for_each_fortieth():
    """The chart is plain characters: its letters are the phases, in their order and to scale; zeros draw nothing."""
    told = ["".join(text for text, _ in line).rstrip() for line in phases.lines([measured()])]

    assert told[2].startswith(f"  new connection    5 x  {'d' * 4}{'w' * 36}  1,000 (2,000)")
    assert ["  server               900 ms    90 %", "  network              100 ms    10 %"] == told[3:]
    assert all(line.isascii() for line in told)
    assert [] == list(phases.lines([measured(kinds=[], parts=[])]))


EVIL = "<script>alert(1)</script><img src=http://evil.example/x.png onerror=alert(1)>\"'&"


def envelope(*pages, **said):
    """A document of `perf page`."""
    verdict = {"title": EVIL, "code": "slow_server", "says": EVIL}
    finding = {"title": EVIL, "code": EVIL, "says": EVIL, "do": EVIL}
    vitals = [{"route": EVIL, "metric": "lcp_ms", "p75": 5200, "count": None, "rating": None}]
    return {
        **{"verdict": verdict, "status": "critical", "environment": "sandbox", "started_at": "2026-11-20T15:00:00Z"},
        **{"data": {"pages": list(pages), "vitals": vitals}, "findings": [finding], **said},
    }


class Tags(HTMLParser):
    """What a page is made of."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.links = set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name in ("src", "href", "xlink:href", "action", "data")]
        assert not [name for name, _ in attrs if name.startswith("on")]


def test_the_html_page_is_made_of_itself_alone():
    """No link, script, picture or handler, whatever a page or a header says; a policy forbids them besides."""
    text = sheet.page(envelope(measured(measured=EVIL, region=EVIL), measured(kinds=[], ended=EVIL)))
    page = Tags(text)

    assert [] == page.links
    assert set() == page.tags & {"script", "img", "link", "iframe", "object", "form", "base", "image", "use"}
    assert sheet.POLICY in text
    assert "<script" not in text
    assert not re.search(r"url\(|@import", text)


def browser():
    """A Chromium, named by PEAKOPS_CHROMIUM or on the PATH; the test is left out where there is none."""
    named = os.environ.get("PEAKOPS_CHROMIUM")
    found = named or next(filter(None, map(which, ("chromium", "chromium-browser", "google-chrome"))), None)
    return found or pytest.skip("Chromium: neither PEAKOPS_CHROMIUM nor on the PATH")


def browsed(file, folder):
    """The page as a browser has it, and every address that it asked for while it did."""
    log = folder / "net.json"
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run")
    quiet = ("--disable-background-networking", "--disable-component-update", "--disable-sync")
    nowhere = ("--host-resolver-rules=MAP * ~NOTFOUND", f"--log-net-log={log}", f"--user-data-dir={folder / 'profile'}")
    command = [browser(), *options, *quiet, *nowhere, "--dump-dom", file.as_uri()]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    asked = set(re.findall(r'"url":"((?:https?|file|wss?)://[^"]*)"', log.read_text("utf-8", "replace")))
    return ran.stdout, asked


def test_a_browser_shows_the_figures_and_asks_nobody(peakops, load, tmp_path):
    """In headless Chromium the page holds the figures of `data`, and asks for nothing but itself."""
    browser()
    load("perf_page/large_bundle")
    file = tmp_path / "page.html"
    ran = peakops("--sandbox", "perf", "page", "/cases", "--json", "--html", str(file))
    dom, asked = browsed(file, tmp_path)
    (page,) = ran.json["data"]["pages"]

    assert set() == {each for each in asked if "evil" in each or "127.0.0.1" in each}
    for each in page["kinds"]:
        assert f"<td>{each['p50']['total_ms']} ({each['p95']['total_ms']})</td>" in dom
        assert f"wait {each['p50']['wait_ms']} ms</title>" in dom
    for each in page["parts"]:
        assert f"<td>{round(each['ms'])}</td><td>{each['share'] * 100:.0f} %</td>" in dom
    assert f"{page['bundle']['bytes']:,} bytes, 2 fetched" in dom
    assert ran.json["verdict"]["code"] in dom


def test_a_browser_is_not_led_elsewhere(tmp_path):
    """A page full of what would load or run something loads and runs nothing; the look at it would show it."""
    browser()
    open_door = tmp_path / "open.html"
    open_door.write_text("<img src=http://evil.example/x.png>")
    assert "http://evil.example/x.png" in browsed(open_door, tmp_path)[1]
    file = tmp_path / "evil.html"
    file.write_text(sheet.page(envelope(measured(measured=EVIL))))
    dom, asked = browsed(file, tmp_path)

    assert set() == {each for each in asked if "evil.example" in each}
    assert "<script" not in dom
    assert "&lt;script&gt;alert(1)" in dom


def test_html_is_written_once(peakops, load, tmp_path):
    """A file that is there is refused before anything is asked, with the option's own name; nothing is left over."""
    load("perf_page/fast")
    file = tmp_path / "page.html"
    first = peakops("--sandbox", "perf", "page", "/cases", "--html", str(file))
    written = file.read_text()
    again = peakops("--sandbox", "perf", "page", "/cases", "--html", str(file), "--json")

    assert (0, 64) == (first.code, again.code)
    assert "--html" in again.json["error"]["hint"]
    assert written == file.read_text()
    assert [file] == list(tmp_path.iterdir())
    assert f"The figures are drawn in {file}." in first.err
