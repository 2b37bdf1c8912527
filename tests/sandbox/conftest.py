"""One sandbox for the tests that only load worlds into it, and a way to have one of one's own."""

import http.client
import json
from pathlib import Path

import psycopg
import pytest

from peakops import sandbox
from peakops.sandbox import control

PRACTICE = "00000000-0000-0000-0000-00000000000a"
NOW = "2026-11-20T15:00:00Z"
TINY = ("--vendor", "ups=tiny_vendor")


def world(**parts):
    """A small world with one practice, and what the test adds."""
    tables = {"practices": [{"id": PRACTICE, "name": "Smile Care"}], **parts.pop("tables", {})}
    return {"world": "small", "says": "A small world.", "now": NOW, "tables": tables, **parts}


def call(box, method, path, body=None, **headers):
    """One request at the sandbox: status, headers, text."""
    connection = http.client.HTTPConnection(box.http.removeprefix("http://"), timeout=10)
    try:
        connection.request(method, path, None if body is None else json.dumps(body).encode(), headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()
    finally:
        connection.close()


def rows(url, statement):
    """What a query gives."""
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute(statement)
        return found.fetchall() if found.description else []


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    """The state folder of the sandbox that the module's tests share."""
    place = tmp_path_factory.mktemp("state") / "peakops"
    control.start(place, *TINY)
    yield place
    sandbox.stop(place)


@pytest.fixture
def own_home(tmp_path):
    """A state folder in which nothing runs yet; what runs in the end is stopped."""
    place = tmp_path / "peakops"
    yield place
    sandbox.stop(place)


@pytest.fixture
def play(home):
    """Load a small world with the given parts; gives the sandbox."""
    return lambda **parts: sandbox.load(home, world(**parts), source="")


def alive(pid):
    """Whether a process runs; one that has ended but was not collected does not."""
    try:
        return "Z" != Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


def postmaster(box):
    """The pid of the sandbox's PostgreSQL."""
    return int((box.runtime / "data" / "postmaster.pid").read_text().split()[0])
