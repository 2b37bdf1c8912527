"""What every test may use: the command in a process of its own, and a sandbox of the session's own."""

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from peakops import sandbox
from peakops.cli.sandboxed import settings_of
from peakops.sandbox.databases import schema
from peakops.sources import Sources

from . import canaries, forked
from .contrib import contrib as contrib  # noqa: PLC0414  (a fixture of every test's)

PEAKOPS = Path(sys.executable).parent / "peakops"
NOISE = ("CLAUDECODE", "CLAUDE_CODE_CHILD_SESSION", "NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "PYTHONWARNINGS")
WORLDS = Path(sandbox.__file__).parent / "worlds"


@dataclass(frozen=True)
class Ran:
    """What a process left behind."""

    code: int
    out: str
    err: str
    seconds: float

    @cached_property
    def json(self):
        """The one document on stdout; anything more or less fails the test."""
        return json.loads(self.out)


def environment(home: Path, **more: str) -> dict[str, str]:
    """A process's environment: nothing of the developer's own settings in it."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PEAKOPS_") and key not in NOISE}
    places = {"XDG_STATE_HOME": str(home), "XDG_CONFIG_HOME": str(home / "config"), "HOME": str(home)}
    places["XDG_CACHE_HOME"] = str(home / "cache")
    return {**kept, **places, "TERM": "dumb", "COLUMNS": "80", **more}


@pytest.fixture(scope="session")
def state(tmp_path_factory):
    """The state folder of this session's sandbox, which ends with it; by then nobody has told a secret."""
    home = tmp_path_factory.mktemp("home")
    yield home
    canaries.listen_to_files(home)
    sandbox.stop(home / "peakops")
    assert [] == canaries.heard(home)


@pytest.fixture(scope="session")
def forks(state):
    """Runs the command, or a script of Python's, in a forked process (forked.py): `forks.run([PEAKOPS], env=...)`."""
    with forked.ForkServer(environment(state)) as server:
        yield server


@pytest.fixture(scope="session")
def peakops(state, forks):
    """
    Run the installed command: `peakops("payment", "check", "INV-1", PEAKOPS_JSON="1")`.

    It is a fork of a process that has imported it (forked.py); with `cold`, or a variable that such a process cannot
    honour, it is a program started as an operator's shell does.
    """

    def run(*args: str, stdin=subprocess.DEVNULL, home: Path = state, cold: bool = False, **env: str) -> Ran:
        if "sandbox" in args:
            canaries.listen_to_files(state)  # a journal ends with its world
        start = time.monotonic()
        done = forks.run([PEAKOPS, *args], env=environment(home, **env), stdin=stdin, cold=cold)
        seconds = time.monotonic() - start
        canaries.listen_to_run(state, args, done.stdout, done.stderr)
        if home != state:
            canaries.listen_to_files(state, home / "peakops")
        return Ran(done.returncode, done.stdout, done.stderr, seconds)

    return run


@pytest.fixture
def opened(tmp_path):
    """The readers of a sandbox, as one run of a command has them: `opened(load(world), stripe_rate=500)`."""

    def open_(up, **other):
        return Sources(replace(settings_of(up), **other), time.monotonic() + 120, tmp_path)

    return open_


@pytest.fixture(scope="session")
def load(state):
    """Load a world by name or document into the session's sandbox, with changes of its top level."""

    def load(world, **changes):
        canaries.listen_to_files(state)  # a journal ends with its world
        document = sandbox.named(world) if isinstance(world, str) else world
        return sandbox.load(state / "peakops", {**document, **changes}, source="test")

    return load


IMAGE = "postgres:17-alpine"
"""Used only where Docker has it already: a pull may hang behind a firewall."""


@pytest.fixture(scope="session")
def portal(state):
    """The URL of an empty portal database, as its owner: on the given server, in a container, or the sandbox's."""
    with _server(state) as server, psycopg.connect(server, autocommit=True) as admin:
        name = f"peakops_test_{os.getpid()}"
        admin.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        url = make_conninfo(server, dbname=name)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(schema("auth") + schema("portal") + schema("peakops"))
        yield url
        admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@contextmanager
def _server(state):
    given = os.environ.get("PEAKOPS_TEST_DATABASE_URL")
    if given:
        yield given
        return
    try:
        import docker

        docker.from_env().images.get(IMAGE)
    except docker.errors.DockerException:
        # No Docker, or not this image: the sandbox's own server is as real.
        up = sandbox.load_named(state / "peakops", "paid")  # a world whose database is not down
        yield make_conninfo(up.url_as("postgres"), dbname="postgres")
        return
    from testcontainers.postgres import PostgresContainer

    with PostgresContainer(IMAGE, driver=None) as container:
        yield container.get_connection_url()
