"""The detached process that is the sandbox: it holds the lock, runs PostgreSQL and the vendors, and ends when idle."""

import argparse
import atexit
import contextlib
import json
import os
import secrets
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any

from peakops import __version__
from peakops.errors import BadInput, PeakopsError, Unreachable
from peakops.sandbox import databases, kept, problems, runtime, shelf, state, vendors
from peakops.sandbox.control import clear
from peakops.sandbox.postgres import Cluster
from peakops.sandbox.server import Server
from peakops.sandbox.stage import Stage
from peakops.sandbox.wire import Vendor

IDLE_S = 8 * 3600.0
"""A working day: whoever comes back after lunch finds the world as it was."""
REVIVAL_S = 2.0
"""Data that a killed supervisor left come up in a tenth of a second; a new sandbox must still start in time."""
IDLE_LOOKS_S = 60.0
"""How often to look whether anyone has used the sandbox."""


def main(arguments: list[str]) -> int:
    """Run until told to stop, idle for too long, or unable to go on; 0 if another supervisor is there already."""
    options = parsed(arguments)
    home: Path = options.home
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if state.take_lock(state.folder(home) / "lock", state.PROBE_GRACE_S) is None:
        return 0
    state.write_file(state.folder(home) / "pid", str(os.getpid()))
    problem = state.folder(home) / "problem.json"
    problem.unlink(missing_ok=True)
    try:
        supervise(home, options.idle, finder(options.vendor))
    except PeakopsError as error:
        print(error.says, file=sys.stderr)
        state.write_file(problem, json.dumps(problems.written(error)))
        return 1
    return 0


def parsed(arguments: list[str]) -> argparse.Namespace:
    """The supervisor's own command line; the last two options are for tests."""
    parser = argparse.ArgumentParser(prog="python -m peakops.sandbox.supervisor", description=__doc__)
    parser.add_argument("home", type=Path, help="the state folder")
    parser.add_argument("--idle", type=float, default=IDLE_S, help="seconds without use after which it ends")
    parser.add_argument("--vendor", action="append", default=[], help="NAME=MODULE: play a vendor by another module")
    return parser.parse_args(arguments)


def finder(given: list[str]) -> Callable[[str], Vendor | None]:
    """How vendors are found: those that are given first."""
    modules: dict[str, Any] = {}
    for text in given:
        name, _, module = text.partition("=")
        modules[name] = import_module(module)
    return lambda name: modules[name] if name in modules else vendors.find(name)


def end(_signal: int, _frame: FrameType | None) -> None:
    """Leave from wherever we are, once; what was started is put away on the way out."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(0)


def supervise(home: Path, idle: float, find: Callable[[str], Vendor | None]) -> None:
    """Bring the sandbox up and keep it up, until it is idle."""
    with woken() as wake:
        cluster, stage = revived(home, find) or new(home, find)
        keep_up(home, cluster, stage, wake, idle)


def put_away(home: Path, cluster: Cluster) -> None:
    """End the cluster and remove all that it had; another sandbox's things at the same place stay."""
    cluster.end()
    if runtime.noted(home) == cluster.folder:
        clear(home, keep_document=True)
    runtime.remove(cluster.folder)


def revived(home: Path, find: Callable[[str], Vendor | None]) -> tuple[Cluster, Stage] | None:
    """The sandbox that a killed supervisor has left; None if it is not all there, and then nothing is."""
    before, folder = state.read_record(home), runtime.noted(home)
    if folder is not None and before is not None and before.get("runtime") == str(folder):
        import psycopg

        runtime.end_orphan(folder)
        cluster = Cluster(folder)
        try:
            cluster.start(REVIVAL_S)
            stage = made(home, cluster, find)
            stage.resume(before["generation"])
        except (PeakopsError, psycopg.Error, OSError, ValueError, KeyError) as error:
            print(f"The sandbox that was left cannot go on ({error}); a new one is made.", file=sys.stderr)
            cluster.end()
        else:
            atexit.register(put_away, home, cluster)
            return cluster, stage
    clear(home, keep_document=True)
    return None


def new(home: Path, find: Callable[[str], Vendor | None]) -> tuple[Cluster, Stage]:
    """A new cluster with the world that was loaded last, or the default one."""
    cluster = Cluster(runtime.make(home))
    atexit.register(put_away, home, cluster)
    initdb = cluster.begin()
    import psycopg  # noqa: F401 - loaded while initdb runs; it takes a fifth of a second

    document = last_document(home) or shelf.named(shelf.DEFAULT)
    if initdb.wait(state.START_DEADLINE_S) != 0:
        raise Unreachable(f"initdb ended with exit code {initdb.returncode}.", source="sandbox")
    cluster.start()
    databases.build_template(cluster)
    stage = made(home, cluster, find)
    try:
        stage.load(document)
    except BadInput:
        if last_document(home) is None:
            raise
        stage.load(shelf.named(shelf.DEFAULT))
    return cluster, stage


def last_document(home: Path) -> dict[str, Any] | None:
    """The world that was on when the sandbox ended by itself."""
    try:
        document = json.loads((state.folder(home) / "document.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return document if isinstance(document, dict) else None


def made(home: Path, cluster: Cluster, find: Callable[[str], Vendor | None]) -> Stage:
    """A stage with its server, which answers from now on."""
    token = secrets.token_urlsafe(24)
    stage = Stage(home, cluster, databases.read_catalogue(cluster), published=lambda _stage: None, find=find)
    server = Server(stage, token)
    stage.published = partial(publish, server)
    stage.last_used = lambda: server.last_used
    threading.Thread(target=server.serve_forever, name="http", daemon=True).start()
    return stage


def publish(server: Server, stage: Stage) -> None:
    """Write the state file: from then on the world is the present one."""
    world, cluster = stage.world, stage.cluster
    record = {
        "version": __version__,
        "pid": os.getpid(),
        "http": f"http://127.0.0.1:{server.server_port}",
        "token": server.token,
        "database_url": databases.url(cluster, stage.database, world),
        "now": world.now.isoformat() if world.now else None,
        "since": world.since,
        "world": world.name,
        "says": world.says,
        "stripe_key": world.stripe_key,
        "email_provider": world.email_provider,
        "runtime": str(cluster.folder),
        "sockets": str(cluster.sockets),
        "generation": stage.generation,
        "journal": str(kept.place(stage.home, stage.generation) / "journal"),
    }
    state.write_file(state.state_file(stage.home), json.dumps(record))


@contextlib.contextmanager
def woken() -> Iterator[int]:
    """A pipe that can be read when a child has ended."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    signal.signal(signal.SIGCHLD, lambda _signal, _frame: None)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    try:
        yield reader
    finally:
        signal.set_wakeup_fd(-1)
        os.close(reader)
        os.close(writer)


def keep_up(home: Path, cluster: Cluster, stage: Stage, wake: int, idle: float) -> None:
    """Restart PostgreSQL when it dies; return when the sandbox is idle for that many seconds, or its folder is gone."""
    import psycopg

    while True:
        select.select([wake], [], [], min(IDLE_LOOKS_S, idle / 4))
        with contextlib.suppress(BlockingIOError):
            os.read(wake, 4096)
        if cluster.died():
            print("PostgreSQL ended and is restarted.", file=sys.stderr)
            cluster.start()
            with stage.lock, contextlib.suppress(psycopg.OperationalError):  # it died again; the next look sees it
                stage.settle()
        elif (state.read_record(home) or {}).get("pid") != os.getpid():
            return
        elif unused_for(home, stage) > idle:
            state.write_file(state.folder(home) / "document.json", json.dumps(stage.dump()))
            return


def unused_for(home: Path, stage: Stage) -> float:
    """Seconds since anyone attached or made a request."""
    attached = time.time() - state.state_file(home).stat().st_mtime
    return min(attached, time.monotonic() - stage.last_used())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
