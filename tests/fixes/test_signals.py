"""A fix that a key or a signal ends, and a database that goes mute: what is said, and the same command after it."""

import json
import signal
import socket
import subprocess
import threading
import time

import pytest

from peakops import sandbox

from ..conftest import PEAKOPS, environment
from .conftest import MARK_PAID, REFUND
from .test_refund import SURPLUS, TWICE, given_back, noted, slowly


@pytest.fixture
def started(state):
    """Start a fix in the sandbox and leave it running."""
    running = []

    def start(*args):
        process = subprocess.Popen(
            [PEAKOPS, "--sandbox", *args, "--json"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(state),
        )
        running.append(process)
        return process

    yield start
    for each in running:
        each.kill()


def until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.05)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_watch_that_is_ended(number, code, started, load, rows):
    """130 or 143, and it says that the refund was made, with its steps; not that nothing was changed."""
    document = slowly("succeeded")
    document["stripe"]["refund_behaviour"]["after_s"] = 3600
    load(document)
    process = started(*REFUND, "--until", "final")
    until(lambda: rows("audit_logs"))
    time.sleep(1.5)
    process.send_signal(number)
    out, _ = process.communicate(timeout=20)
    told = json.loads(out)

    assert (code, code) == (process.returncode, told["exit_code"])
    assert "It was done" in told["error"]["message"]
    assert 2 == len(told["data"]["steps"])


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_refund_that_is_under_way(number, code, started, fix, load, rows, entries):
    """It ends at once and says to run it again; the same command makes the one refund, whether Stripe had made it."""
    load(TWICE, faults=[{"vendor": "stripe", "route": "POST /v1/refunds", "delay_s": 3, "times": 1}])
    process = started(*REFUND)
    until(lambda: entries() == ["intended"])
    time.sleep(0.3)
    process.send_signal(number)
    begun = time.monotonic()
    out, _ = process.communicate(timeout=20)
    told, again = json.loads(out), fix(*REFUND)

    assert 2 > time.monotonic() - begun - again.seconds
    assert (code, "The change was under way." in told["error"]["message"]) == (process.returncode, True)
    assert "same command" in told["error"]["hint"]
    assert 0 == again.code, again.json["error"]
    assert {SURPLUS: 12000} == given_back(rows)
    assert (1, 1, 1) == (len(rows("refunds")), len(noted(rows)), len(rows("notifications")))


class Mute:
    """A proxy before the database that stops passing anything on once it has seen a word."""

    def __init__(self, path, word):
        self.path, self.word, self.mute, self.sockets = path, word, threading.Event(), []
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            ours, _ = self.server.accept()
            theirs = socket.socket(socket.AF_UNIX)
            theirs.connect(self.path)
            self.sockets += [ours, theirs]
            for one, other in ((ours, theirs), (theirs, ours)):
                threading.Thread(target=self.pump, args=(one, other, one is ours), daemon=True).start()

    def hang_up(self):
        for each in self.sockets:
            each.shutdown(socket.SHUT_RDWR)

    def pump(self, source, sink, outward):
        while data := source.recv(65536):
            if outward and self.word in data:
                self.mute.set()
            if self.mute.is_set():
                time.sleep(3600)
            sink.sendall(data)


def test_a_database_that_goes_mute(peakops, load, writing, rows, state):
    """It ends by itself, as uncertain, and the same command does it once the database speaks again."""
    from psycopg.conninfo import conninfo_to_dict

    load("paid_not_recorded")
    up = sandbox.ensure(state / "peakops")
    given = conninfo_to_dict(up.url_as("peakops_writer"))
    proxy = Mute(f"{given['host']}/.s.PGSQL.{given.get('port', 5432)}", b"insert into public.audit_logs")
    url = f"postgresql://{given['user']}@127.0.0.1:{proxy.port}/{given['dbname']}?sslmode=disable"
    env = {**writing(), "PEAKOPS_DATABASE_WRITE_URL": url}
    ran = peakops(*MARK_PAID, "--json", **env)
    proxy.hang_up()
    again = peakops(*MARK_PAID, "--json", **writing())

    assert ("database.timeout", 124) == (ran.json["error"]["code"], ran.code)
    assert "not certain" in ran.json["error"]["hint"]
    assert 70 > ran.seconds
    assert 0 == again.code, again.json["error"]
    assert (1, 1) == (len(rows("payments")), len(rows("audit_logs")))
