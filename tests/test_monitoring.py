"""What a sweep tells a monitoring system: a line with its numbers, a file of metrics, and a heartbeat."""

import re
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from peakops.errors import UsageFault
from peakops.model import Fault, Finding, Outcome, Report, Ruling, Severity, Status, Verdict
from peakops.render import metrics, nagios
from peakops.settings import Settings, wrong
from peakops.sources import beating, heartbeat

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
SECTIONS = {
    "payments": {
        "status": "critical",
        "critical": 1,
        "warning": 2,
        "unknown": 0,
        "muted": 1,
        "known": 0,
        "seconds": 1.5,
    },
    "labels": {"status": "unknown", "critical": 0, "warning": 0, "unknown": 1, "muted": 0, "known": 0, "seconds": 9},
}
SUMMARY = {
    "severities": {"critical": 1, "warning": 2, "unknown": 1},
    "muted": 1,
    "known": 4,
    "sections": SECTIONS,
}
SWEPT = Report(
    command="sweep",
    environment="production",
    started_at=NOW,
    duration_ms=10500,
    status=Status.CRITICAL,
    exit_code=2,
    lines=("CRITICAL  4 findings, 1 of them critical.",),
    data={"summary": SUMMARY},
)
FOUND = Finding(
    code="x", severity=Severity.WARNING, question="q", says="", title="", means="", do="", playbook="payment.check"
)
CHECKED = replace(
    SWEPT,
    command="payment check",
    lines=(),
    data={},
    status=Status.WARNING,
    exit_code=1,
    verdict=Ruling(code="x", title="Not paid", says="Stripe has no payment."),
    findings=(FOUND,),
    outcomes=(Outcome(verdict=Verdict.UNKNOWN, says=""), Outcome(verdict=Verdict.OK, says="")),
)
PERFDATA = re.compile(r"(\w+)=([\d.]+)s?(?:;([\d.]*);([\d.]*);([\d.]*))?")


def numbers(line):
    """The perfdata by its labels, each whole: a piece that is none fails the test."""
    _, _, perfdata = line.partition("|")
    found = [PERFDATA.fullmatch(each) for each in perfdata.split(" ")]
    return {each[1]: float(each[2]) for each in found}


def test_a_sweep_is_one_line_with_its_numbers():
    """The word is that of the exit code; the counts are those that it says itself."""
    told = nagios.line(SWEPT)

    assert "PEAKOPS CRITICAL - 4 findings, 1 of them critical." == told.partition("|")[0]
    assert {"critical": 1, "warning": 2, "unknown": 1, "muted": 1, "known": 4, "time": 10.5} == numbers(told)


def test_a_check_is_one_line_too():
    """Its verdict, and its findings and open questions counted."""
    told = nagios.line(CHECKED)

    assert "PEAKOPS WARNING - payment check: Not paid. Stripe has no payment." == told.partition("|")[0]
    assert {"critical": 0, "warning": 1, "unknown": 1, "time": 10.5} == numbers(told)


@pytest.mark.parametrize(("word", "code"), [("OK", 0), ("UNKNOWN", 3), ("UNKNOWN", 17), ("UNKNOWN", 78)])
def test_any_other_code_is_unknown(word, code):
    """0 to 2 have words of their own; 3, and the code of an error, are unknown to who monitors."""
    error = Fault(code="config.missing", category="config", message="It is not set.") if code > 3 else None
    told = nagios.line(replace(SWEPT, exit_code=code, error=error))

    assert told.startswith(f"PEAKOPS {word} - ")
    assert ("sweep: It is not set." in told) == (code > 3)


@given(st.text(max_size=60), st.text(max_size=2000))
@example("Not|paid", "a|critical=9\n\u2028b")
def test_whatever_is_said_stays_one_line(title, says):
    """No character of a subject ends the line, or begins the numbers."""
    told = nagios.line(replace(CHECKED, verdict=Ruling(code="x", title=title, says=says)))

    assert [told] == told.splitlines()
    assert 1 == told.count("|")
    assert told.isprintable()
    assert 1200 > len(told.encode())
    assert 1 == numbers(told)["warning"]


@pytest.mark.parametrize("says", ["é" * 1001, "x" + "é" * 1000, "€" * 999])
def test_what_is_long_leaves_room_for_the_numbers(says):
    """The older agents count bytes, and cut the numbers with the rest."""
    told = nagios.line(replace(CHECKED, verdict=Ruling(code="x", title="", says=says)))

    assert nagios.LONGEST + 100 > len(told.partition("|")[0].encode())
    assert told.partition("|")[0].endswith("…")


def test_a_line_passes_the_door():
    """What is personal is masked in it, as everywhere."""
    verdict = Ruling(code="x", title="Not paid", says="anna@clinic.example paid with sk_live_4eC39HqLyjWDarjtT1zdp7dc.")

    assert "a…@clinic.example paid with" in nagios.line(replace(CHECKED, verdict=verdict))
    assert "sk_live_4eC3" not in nagios.line(replace(CHECKED, verdict=verdict))


def test_any_check_is_one_line(peakops, load):
    """A list's rows stay untold, an error has its line too, and neither changes the exit code."""
    load("paid")
    listed = peakops("--sandbox", "payment", "webhooks", "--nagios")
    wrong = peakops("--sandbox", "payment", "check", "INV-0", "--nagios")

    assert (0, 14) == (listed.code, wrong.code)
    assert re.fullmatch(r"PEAKOPS OK - payment webhooks: [^|\n]+\|[^|\n]+\n", listed.out)
    assert wrong.out.startswith("PEAKOPS UNKNOWN - payment check: The portal has no invoice 'INV-0'.|")
    assert 64 == peakops("--sandbox", "payment", "check", "INV-0", "--nagios", "--json").code


LABEL = r'(\w+)="((?:[^"\\\n]|\\[\\"n])*)"'
SAMPLE = re.compile(rf"([a-zA-Z_:][a-zA-Z0-9_:]*)\{{({LABEL}(?:,{LABEL})*)\}} (-?[\d.e+-]+)")
UNESCAPED = {r"\\": "\\", r"\"": '"', r"\n": "\n"}


def parsed(text):
    """The samples of the text format, by name and labels; each has its HELP and TYPE before it, and stands once."""
    assert text.endswith("\n")
    samples, known = {}, {}
    for line in text.removesuffix("\n").split("\n"):
        if line.startswith("# "):
            _, kind, name, says = line.split(" ", 3)
            known.setdefault(name, []).append(kind)
            assert says == "gauge" or kind == "HELP"
            continue
        sample = SAMPLE.fullmatch(line)
        assert sample, line
        assert ["HELP", "TYPE"] == known[sample[1]]
        labels = re.findall(LABEL, sample[2])
        key = (sample[1], *(re.sub(r"\\.", lambda each: UNESCAPED[each[0]], value) for _, value in labels))
        assert key not in samples
        samples[key] = float(sample.groups()[-1])
    return samples


def test_metrics_are_prometheus_text():
    """When, how long, the code, and what was found in each section."""
    told = parsed(metrics.text(SWEPT, NOW))
    own = ("sweep", "production")

    assert not re.search(r"[{,](job|instance)=", metrics.text(SWEPT, NOW))
    assert NOW.timestamp() == told["peakops_job_ended_timestamp_seconds", *own]
    assert 10.5 == told["peakops_job_duration_seconds", *own]
    assert 2 == told["peakops_job_exit_code", *own]
    assert 1 == told["peakops_findings", *own, "critical"]
    assert 2 == told["peakops_section_findings", *own, "payments", "warning"]
    assert (1, 0) == tuple(told["peakops_section_answered", *own, each] for each in SECTIONS)
    assert 1.5 == told["peakops_section_duration_seconds", *own, "payments"]


def test_metrics_of_what_has_no_sections():
    """A check, and a sweep that ended in an error, have the metrics that every run has."""
    told = parsed(metrics.text(replace(CHECKED, exit_code=78), NOW))

    assert 78 == told["peakops_job_exit_code", "payment check", "production"]
    assert not [each for each in told if each[0].startswith("peakops_section")]


@given(st.text())
def test_labels_are_escaped(name):
    """Whatever an environment is called, it comes back as it was."""
    told = parsed(metrics.text(replace(SWEPT, environment=name), NOW))

    assert 2 == told["peakops_job_exit_code", "sweep", name]


def test_metrics_take_the_place_of_those_before(tmp_path):
    """In one step, readable by everybody, with nothing left beside it; a folder that is gone is a warning."""
    file = tmp_path / "peakops.prom"
    file.write_text("old")
    file.chmod(0o600)

    assert ("", "new\n") == (metrics.save("new\n", file), file.read_text())
    assert (0o644, [file]) == (file.stat().st_mode & 0o777, list(tmp_path.iterdir()))
    assert "could not be written" in metrics.save("new\n", tmp_path / "gone" / "peakops.prom")


@pytest.mark.parametrize("name", ["peakops.txt", "gone/peakops.prom"])
def test_metrics_that_nobody_would_read_are_refused(name, tmp_path):
    """Before anything is looked at."""
    with pytest.raises(UsageFault):
        metrics.usable(tmp_path / name)


@pytest.fixture
def watcher():
    """What hears heartbeats: its address, what it heard, and the status that it answers with (None: no answer)."""
    heard, answers = [], [200]

    class Watcher(BaseHTTPRequestHandler):
        def do_POST(self):
            heard.append(self.path)
            if answers[-1] is None:
                time.sleep(1)
                return
            self.send_response(answers[-1])
            self.end_headers()
            self.wfile.write(b"OK")

        def log_message(self, *_):
            """Nobody reads it."""

    with HTTPServer(("127.0.0.1", 0), Watcher) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/hush", heard, answers
        server.shutdown()


def test_a_heartbeat_is_told_as_healthchecks_takes_it(watcher):
    """The beginning, the end with whatever was found, and a failure with its code; a query stays behind the path."""
    url, heard, _ = watcher
    beat, queried = beating(Settings(heartbeat_url=f"{url}/")), beating(Settings(heartbeat_url=f"{url}?create=1"))

    assert [""] * 6 == [beat.started(), *map(beat.ended, (0, 3, 78)), queried.started(), queried.ended(124)]
    assert ["/start", "", "", "/78", "/start?create=1", "/124?create=1"] == [
        each.removeprefix("/hush") for each in heard
    ]


@pytest.mark.parametrize("status", [404, 500, 301, None])
def test_a_heartbeat_that_fails_is_a_warning(status, watcher, monkeypatch):
    """Once, in time, and without the address, which is a secret."""
    url, heard, answers = watcher
    answers.append(status)
    monkeypatch.setattr(heartbeat, "BEAT_SECONDS", 0.3)
    began = time.monotonic()
    warning = beating(Settings(heartbeat_url=url)).ended(0)

    assert warning.startswith("The heartbeat was not told. ")
    assert "hush" not in warning
    assert ["/hush"] == heard
    assert 0.9 > time.monotonic() - began


@pytest.mark.parametrize("host", ["hc-ping..example", "xn--"])
def test_a_host_that_is_no_name_is_a_warning(host):
    """What no codec of names takes ends no sweep."""
    warning = beating(Settings(heartbeat_url=f"https://{host}/hush")).started()

    assert warning.startswith("The heartbeat was not told. ")
    assert "hush" not in warning


def test_without_an_address_nobody_is_told():
    """Neither a request nor a warning."""
    assert ("", "") == ((beat := beating(Settings())).started(), beat.ended(0))


@pytest.mark.parametrize(
    ("says", "address"),
    [
        ("", "https://hc-ping.example/abc/my-job?create=1"),
        ("", "http://127.0.0.1:8000/abc"),
        ("https://", "http://hc-ping.example/hush"),
        ("https://", "ftp://hc-ping.example/hush"),
        ("https://", "hush"),
        ("name no user", "https://me:hush@hc-ping.example/abc"),
        ("#", "https://hc-ping.example/abc#hush"),
    ],
)
def test_an_address_of_a_heartbeat(says, address):
    """It is a secret that travels: encrypted, or not at all; what is wrong is said without it."""
    said = wrong("heartbeat_url", address)

    assert bool(says) == bool(said)
    assert says in said
    assert "hush" not in said
