"""
A PostgreSQL with contrib modules, for the tests of `peakops perf`: the embedded one has none.

A server that is given comes first, then a container, then the machine's own programs; where there is none, the test
skips and says what is missing.
"""

import itertools
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from peakops.sandbox import binaries, runtime
from peakops.sandbox.postgres import Cluster

IMAGE = "postgres:17-alpine"
"""It has contrib; used only where Docker has it already: a pull may hang behind a firewall."""
PRELOADED = "shared_preload_libraries=pg_stat_statements"
NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Contrib:
    """A server that keeps statistics of statements."""

    url: str
    """Of its superuser."""
    available: frozenset[str]
    """The extensions that can be created there."""

    def require(self, extension: str) -> None:
        """Skip the test where the server lacks this one: hypopg is a package of its own."""
        if extension not in self.available:
            pytest.skip(f"The PostgreSQL with contrib has no extension {extension}.")

    @contextmanager
    def database(self, *, schema: str = "extensions", extensions: tuple[str, ...] = ()) -> Iterator[str]:
        """
        A database of its own: the superuser's URL. pg_stat_statements and `extensions` are in `schema`.

        Supabase keeps them in `extensions`, `create extension` alone puts them into public.
        """
        name = f"peakops_contrib_{os.getpid()}_{next(NUMBERS)}"
        with psycopg.connect(self.url, autocommit=True) as admin:
            admin.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
            try:
                url = make_conninfo(self.url, dbname=name)
                with psycopg.connect(url, autocommit=True) as owner:
                    owner.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(schema)))
                    for each in ("pg_stat_statements", *extensions):
                        made = sql.SQL("create extension {} schema {}")
                        owner.execute(made.format(sql.Identifier(each), sql.Identifier(schema)))
                yield url
            finally:
                admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def contrib(tmp_path_factory):
    """The session's PostgreSQL with pg_stat_statements; skips where this machine has none."""
    with _server(tmp_path_factory) as url:
        with psycopg.connect(url, autocommit=True) as admin:
            names = admin.execute("select name from pg_available_extensions").fetchall()
        yield Contrib(url, frozenset(name for (name,) in names))


@contextmanager
def _server(tmp_path_factory):
    given = os.environ.get("PEAKOPS_TEST_DATABASE_URL")
    if given and _keeps_statements(given):
        yield given
        return
    if _has_image():
        from testcontainers.postgres import PostgresContainer

        with PostgresContainer(IMAGE, driver=None).with_command(f"-c {PRELOADED}") as container:
            yield container.get_connection_url()
        return
    folder = next(filter(_complete, _machine()), None)
    if folder is None:
        lacks = "the server of PEAKOPS_TEST_DATABASE_URL does not load it, " if given else ""
        pytest.skip(f"No PostgreSQL with pg_stat_statements: {lacks}Docker has no {IMAGE}, the machine no programs.")
    yield from _started(folder, tmp_path_factory.mktemp("contrib"))


def _keeps_statements(url):
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "select current_setting('shared_preload_libraries') ~ 'pg_stat_statements'"
            " and exists (select from pg_available_extensions where name = 'pg_stat_statements')"
        ).fetchone()
    return bool(found and found[0])


def _has_image():
    import docker

    try:
        docker.from_env().images.get(IMAGE)
    except docker.errors.DockerException:
        return False
    return True


def _machine():
    """The folders of the machine's own PostgreSQL: the one that pg_config names, then Debian's, newest first."""
    if program := shutil.which("pg_config"):
        yield Path(subprocess.check_output([program, "--bindir"], text=True).strip())
    versions = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(versions, key=lambda each: float(each.parent.name), reverse=True)


def _complete(folder):
    return binaries.complete(folder) and any(folder.parent.glob("lib/**/pg_stat_statements.*"))


def _started(folder, home):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PEAKOPS_PG_BIN", str(folder))
        runtime.note(home).parent.mkdir()
        place = runtime.make(home)
        cluster = Cluster(place)
    try:
        assert cluster.begin().wait(60) == 0
        with (place / "data" / "postgresql.conf").open("a", encoding="utf-8") as settings:
            settings.write(f"{PRELOADED}\n")
        cluster.start()
        yield f"postgresql://postgres@/postgres?host={cluster.sockets}&port=5432"
    finally:
        cluster.end()
        runtime.remove(place)
