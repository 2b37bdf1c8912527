"""Runs the sandbox's PostgreSQL: makes its cluster, starts it, ends it."""

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from peakops.errors import Unreachable
from peakops.sandbox import binaries, runtime, state

if TYPE_CHECKING:
    import psycopg

READY_LIMIT_S = 10.0
RETRY_S = 0.1
"""A killed postmaster's children hold its memory for a moment, and the first restart is refused."""
SETTINGS = (
    "listen_addresses=",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "dynamic_shared_memory_type=mmap",  # in the data folder, which goes with the sandbox; posix leaves segments behind
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_connections=60",
    "shared_buffers=64MB",
    "timezone=UTC",
    "log_timezone=UTC",
    "jit=off",
    "lc_messages=C",
)


class Cluster:
    """One PostgreSQL at one runtime folder, as a child of this process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sockets = runtime.sockets(folder)
        self.process: subprocess.Popen[bytes] | None = None
        self.user = runtime.server_user()
        self.programs = binaries.binaries()
        if self.user is not None and not binaries.open_to_others(self.programs):
            self.programs = binaries.copied(self.programs, folder)

    def begin(self) -> "subprocess.Popen[bytes]":
        """Start making the cluster; it takes half a second, in which the caller can do something else."""
        self.process = self._run(
            "initdb", "-D", str(self.folder / "data"), "-U", "postgres", "--auth=trust", "--encoding=UTF8",
            "--locale=C", "--no-sync", "--no-instructions",
        )  # fmt: skip
        return self.process

    def start(self, patience_s: float = READY_LIMIT_S) -> None:
        """Start the server and wait until it answers; a refused start is tried again. Raises Unreachable."""
        deadline = time.monotonic() + patience_s
        options = [part for setting in SETTINGS for part in ("-c", setting)]
        place = ["-D", str(self.folder / "data"), "-c", f"unix_socket_directories={self.sockets}", "-p", "5432"]
        while time.monotonic() < deadline:
            self.process = self._run("postgres", *place, *options)
            if self._answers(deadline):
                return
            time.sleep(RETRY_S)
        raise Unreachable("The sandbox's PostgreSQL does not start.", source="sandbox")

    def _answers(self, deadline: float) -> bool:
        import psycopg

        while self.process is not None and self.process.poll() is None and time.monotonic() < deadline:
            if state.postgres_listens(self.sockets):
                try:
                    self.connect("postgres").close()
                except psycopg.OperationalError:
                    pass  # it says that it is starting up
                else:
                    return True
            time.sleep(state.POLL_S)
        return False

    def connect(self, database: str) -> "psycopg.Connection[tuple[Any, ...]]":
        """A connection as the superuser, in autocommit."""
        import psycopg

        return psycopg.connect(
            host=str(self.sockets), port=5432, user="postgres", dbname=database, autocommit=True,
            application_name="peakops sandbox", options="-c TimeZone=UTC -c DateStyle=ISO",
        )  # fmt: skip

    def died(self) -> bool:
        """Whether the server has ended by itself."""
        return self.process is not None and self.process.poll() is not None

    def end(self) -> None:
        """End the server at once; its data is not kept in order, since the folder goes next."""
        if self.process is None:
            return
        for sign in (signal.SIGQUIT, signal.SIGKILL):
            self.process.send_signal(sign)
            try:
                self.process.wait(runtime.END_LIMIT_S)
            except subprocess.TimeoutExpired:
                continue
            return

    def _run(self, program: str, *arguments: str) -> "subprocess.Popen[bytes]":
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
        who: dict[str, Any] = {} if self.user is None else {"user": self.user, "group": self.user, "extra_groups": []}
        return subprocess.Popen(  # noqa: S603 - our own programs and arguments
            [str(self.programs / program), *arguments],
            cwd=self.folder / "data", env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            umask=0o077, **who,
        )  # fmt: skip
