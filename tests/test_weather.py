"""The weather: one warning where a vendor that a command used reports an incident, and never a moment's delay."""

import json
import os
import stat
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from peakops import sandbox
from peakops.cli import weather
from peakops.model import Evidence, Report
from peakops.render import Style
from peakops.settings import Settings

from .test_startup import loaded  # noqa: F401  (a fixture)

CHECK = ("--sandbox", "payment", "check", "INV-123", "--json")
PATIENCE_S = 10.0
"""How long the daemon thread of a command may take that nobody waits for."""


@pytest.fixture
def cache(tmp_path):
    """A cache of the test's own."""
    return tmp_path / "peakops" / "weather-sandbox.json"


@pytest.fixture
def check(peakops, tmp_path):
    """Run the check with that cache."""
    return lambda *args, **env: peakops(*CHECK, *args, XDG_CACHE_HOME=str(tmp_path), **env)


def known(check, cache):
    """The warnings, once the pages have been asked: a command that ends sooner leaves it to the next one."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        ran = check()
        if cache.exists() and "supabase" in json.loads(cache.read_text())["pages"]:
            return check().json["warnings"]
        assert isinstance(ran.json["warnings"], list)
    raise AssertionError("the pages were never asked")


@pytest.mark.parametrize("indicator", ["minor", "major", "critical"])
def test_an_incident_is_one_warning(indicator, check, cache, load):
    """The vendor, what it says, and how old that is; the exit code and the verdict are as they would be."""
    load("paid", status={"stripe": indicator})
    (told,) = known(check, cache)
    ran = check()

    assert told.startswith("Stripe reports an incident: Elevated error rates (status page, ")
    assert ("paid", 0) == (ran.json["verdict"]["code"], ran.code)


@pytest.mark.parametrize("status", [{}, {"stripe": "down"}, {"vercel": "critical", "resend": "critical"}])
def test_no_incident_is_not_told(status, check, cache, load):
    """Nor a page that does not answer, nor a vendor that the command did not use."""
    load("paid", status=status)

    assert [] == known(check, cache)


def test_a_sweep_tells_it_too(check, cache, load, peakops, tmp_path):
    """Its rows are no evidence, and its warnings say it all the same."""
    load("paid", status={"stripe": "major"})
    known(check, cache)
    ran = peakops("--sandbox", "payment", "reconcile", "--json", XDG_CACHE_HOME=str(tmp_path))

    assert 1 == len([each for each in ran.json["warnings"] if each.startswith("Stripe reports an incident")])


def test_people_are_told_on_stderr(check, cache, load, peakops, tmp_path):
    """The page stays as it is; with --quiet and --json stderr stays empty."""
    load("paid", status={"stripe": "major"})
    known(check, cache)
    plain, quiet = (
        peakops(*CHECK[:-1], *args, XDG_CACHE_HOME=str(tmp_path), NO_COLOR="1") for args in ((), ("--quiet",))
    )

    assert 1 == len(plain.err.splitlines())
    assert plain.err.startswith("Stripe reports an incident: ")
    assert "incident" not in plain.out
    assert ("", "") == (quiet.err, check().err)


def test_pages_are_asked_once_a_minute(check, cache, load, state):
    """What is known is not asked for again; another world has weather of its own."""
    load("paid", status={"stripe": "major"})
    known(check, cache)
    before = [each for each in sandbox.requests(state / "peakops") if each["vendor"] == "status"]
    check()
    after = [each for each in sandbox.requests(state / "peakops") if each["vendor"] == "status"]
    load("paid")

    assert ({"/stripe/api/v2/summary.json", "/supabase/api/v2/summary.json"}, 0) == (
        {each["path"] for each in before},
        len(after) - len(before),
    )
    assert [] == known(check, cache)


def test_a_page_that_hangs_delays_nothing(check, load):
    """The command ends as soon as it would without it."""
    load("paid", faults=[{"vendor": "status", "route": "*", "delay_s": 60}])
    ran = check()

    assert 0 == ran.code
    assert ran.json["duration_ms"] < 3000


@pytest.mark.parametrize("text", ["no json", "[]", "{}", '{"of": 1}', '{"of": "", "pages": {"stripe": 1}}'])
def test_a_cache_that_cannot_be_read_is_as_none(text, cache, check, load):
    """Whatever is in the file, the command does its work; and the cache is made anew, for its owner alone."""
    load("paid", status={"stripe": "major"})
    cache.parent.mkdir()
    cache.write_text(text)

    assert 1 == len(known(check, cache))
    assert 0o600 == stat.S_IMODE(cache.stat().st_mode)


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: path.symlink_to("/dev/zero")])
def test_what_is_no_file_is_not_waited_for(make, cache, check, load):
    """A pipe that nobody writes, a folder, a file without an end: the command is answered, and nothing is said."""
    load("paid")
    cache.parent.mkdir()
    make(cache)
    ran = check()

    assert (0, "") == (ran.code, ran.err)


@contextmanager
def page(body):
    """The address of a status page that answers so."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.mark.parametrize(
    "body", ["[" * 200_000, '{"incidents": 1}', '{"incidents": [], "status": []}', '{"incidents": [[]]}', "null"]
)
def test_a_page_that_is_none_is_silent(body, cache, tmp_path, monkeypatch, capfd):
    """What it answers is kept as no answer, and no thread of ours says anything."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    cache.parent.mkdir()
    cache.write_text("[" * 200_000)
    with page(body) as url:
        before = set(threading.enumerate())
        weather.watched(
            Settings(environment="sandbox", stripe_api_key="rk_test_x", status_urls={"stripe": url}), tmp_path
        )
        for each in set(threading.enumerate()) - before:
            each.join(PATIENCE_S)

    assert ("", "") == capfd.readouterr()
    assert None is json.loads(cache.read_text())["pages"]["stripe"]["indicator"]


def test_a_cache_that_cannot_be_written_is_no_fault(check, tmp_path, load):
    """Nothing is said of it."""
    load("paid")
    (tmp_path / "peakops").write_text("a file where the folder should be")
    ran = check()

    assert (0, "") == (ran.code, ran.err)


def told(pages, *sources, **settings):
    sky = weather.Sky(Settings(**settings), "here")
    now = time.time()
    sky.pages.update({vendor: {**page, "at": now - page["at"]} for vendor, page in pages.items()})
    report = Report(
        command="x",
        environment="x",
        started_at=None,
        warnings=("One that was there.",),
        evidence=tuple(Evidence(name=each, source=each) for each in sources),
    )
    return sky.told(report, Style(json=True)).warnings[1:]


def incident(age=10.0, indicator="major"):
    """What a page said, with its age in the place of its moment."""
    return {"at": age, "indicator": indicator, "says": "It rains"}


@pytest.mark.parametrize(
    ("pages", "sources", "settings", "vendors"),
    [
        ({"stripe": incident()}, ("stripe",), {}, ["Stripe"]),
        ({"stripe": incident()}, ("stripe_windows", "stripe"), {}, ["Stripe"]),
        ({"stripe": incident()}, ("database", "journal"), {}, []),
        ({"stripe": incident(age=61)}, ("stripe",), {}, []),
        ({"stripe": incident(age=-5)}, ("stripe",), {}, []),
        ({"stripe": incident(indicator="maintenance")}, ("stripe",), {}, []),
        ({"stripe": incident(indicator=None)}, ("stripe",), {}, []),
        ({"supabase": incident()}, ("supabase",), {}, ["Supabase"]),
        ({"supabase": incident()}, ("database",), {"database_url": "postgresql://a@db.x.supabase.co/d"}, ["Supabase"]),
        ({"supabase": incident()}, ("database",), {"database_url": "postgresql://a@localhost/d"}, []),
        ({"resend": incident()}, ("email",), {"email_provider": "resend"}, ["Resend"]),
        ({"resend": incident()}, ("email",), {"email_provider": "sendgrid"}, []),
        ({"stripe": incident(), "supabase": incident()}, ("supabase", "stripe"), {}, ["Stripe", "Supabase"]),
    ],
)
def test_whose_weather_it_is(pages, sources, settings, vendors):
    """Fresh incidents of the vendors behind the sources that were asked, each once."""
    lines = told(pages, *sources, **settings)

    assert vendors == [each.partition(" ")[0] for each in lines]
    assert all(each.endswith("It rains (status page, 10 s ago).") for each in lines)


def test_who_asks_nobody_asks_no_page(loaded, tmp_path):  # noqa: F811  (a fixture)
    """A guide needs neither the pages nor what they are asked with."""
    code, modules = loaded("payment", "check", "INV-123", "--guide")

    assert 0 == code
    assert set() == modules & {"http.client", "ssl"}
