"""The world that is on: loads the next one as one step, dumps it, moves its clock, keeps its state."""

import contextlib
import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from peakops.errors import Unreachable
from peakops.sandbox import catalogue, database_faults, databases, kept, state, tables, vendors
from peakops.sandbox.postgres import Cluster
from peakops.sandbox.wire import Vendor
from peakops.sandbox.world import World, check

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

REQUESTS_KEPT = 10_000
"""Enough to count the calls of any command; a sweep that makes more is itself the finding."""
RESTART_PATIENCE_S = 5.0
"""How long a load or a dump waits for a PostgreSQL that is being restarted."""


@dataclass
class Stage:
    """The present world with its database. `lock` guards all of it; `loading` orders loads and dumps."""

    home: Path
    cluster: Cluster
    known: catalogue.Catalogue
    published: Callable[["Stage"], None]
    """Writes the state file; called at each change of what it says."""
    find: Callable[[str], Vendor | None] = vendors.find
    last_used: Callable[[], float] = time.monotonic
    generation: int = 0
    world: World = field(default_factory=lambda: World("", "", None, None, {}, [], []))
    lock: threading.RLock = field(default_factory=threading.RLock)
    loading: threading.RLock = field(default_factory=threading.RLock)
    requests: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=REQUESTS_KEPT))
    unknown: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=REQUESTS_KEPT))
    holding: "Connection | None" = None
    """The connection that holds the locks of slow tables."""

    @property
    def database(self) -> str:
        """The name of the world's database."""
        return f"world_{self.generation}"

    def load(self, document: dict[str, Any]) -> None:
        """Replace the world by a document's, as one step. Raises BadInput; then the old world is on as before."""
        with self.loading:
            checked, loads = check(document, self.known, self.find)
            generation = self.generation + 1
            self._patiently(lambda: databases.make(self.cluster, f"world_{generation}", checked, loads, self.known))
            kept.keep(self.home, generation, checked)
            state.write_file(state.folder(self.home) / "document.json", json.dumps(document))
            self._swap(generation, checked)
            databases.drop_others(self.cluster, self.database)
            kept.forget_others(self.home, generation)

    def _swap(self, generation: int, new: World) -> None:
        """Let the new world be the present one, for the vendors, the database and the state file at once."""
        with self.lock:
            old = self.generation, self.world
            self.generation, self.world = generation, new
            try:
                self._patiently(self.settle)
                self.published(self)
            except BaseException:
                self.generation, self.world = old
                raise
            self.requests.clear()
            self.unknown.clear()

    def resume(self, generation: int) -> None:
        """Go on with the world that a killed supervisor has left. Raises OSError, ValueError or Unreachable."""
        if not databases.exists(self.cluster, f"world_{generation}"):
            raise Unreachable("The world's database is gone.", source="sandbox")
        self.generation, self.world = generation, kept.read(self.home, generation)
        self.settle()
        databases.drop_others(self.cluster, self.database)
        kept.forget_others(self.home, generation)
        self.published(self)

    def settle(self) -> None:
        """Bring about what lives in the server, not in the database: hidden rows, locks, and the closed door."""
        if self.holding is not None:
            self.holding.close()
            self.holding = None
        databases.refuse_connections(self.cluster)
        with self.cluster.connect("postgres") as connection:
            database_faults.see_rows(connection, self.world.database_faults)
        holding = self.cluster.connect(self.database)
        if database_faults.hold(holding, self.world.database_faults, self.known):
            self.holding = holding
        else:
            holding.close()

    def dump(self) -> dict[str, Any]:
        """The present state as a world document."""
        hidden = database_faults.hidden(self.world.database_faults, self.known)
        with self.loading, self.lock:
            document = json.loads(json.dumps(self.world.written()))
            document["tables"] = self._patiently(lambda: self._rows(hidden))
        return {key: document[key] for key in sorted(document, key=order_of)}

    def _rows(self, hidden: dict[str, str]) -> dict[str, Any]:
        with self._reading() as connection:
            return tables.dump(connection, self.known, hidden)

    @contextlib.contextmanager
    def _reading(self) -> "Iterator[Connection]":
        """A connection that the slow tables do not stop: the one that holds them."""
        if self.holding is not None:
            yield self.holding
            return
        with self.cluster.connect(self.database) as connection:
            yield connection

    def shift_clock(self, seconds: float) -> None:
        """
        Move the world's clock, which stands or runs on from there as it did.

        A world that ran on the real clock stands at the new time from now on.
        """
        self.set_clock(self.world.time + timedelta(seconds=seconds), runs=self.world.since is not None)

    def run_clock(self, *, runs: bool) -> None:
        """Let the world's clock run on from where it is, or stand there. A world on the real clock stays on it."""
        if self.world.now is not None:
            self.set_clock(self.world.time, runs=runs)

    def set_clock(self, now: datetime, *, runs: bool) -> None:
        """Put the world's clock to a moment, for the vendors, the database and the state file."""
        with self.loading, self.lock:
            self.world.now, self.world.since = now, time.time() if runs else None
            with self.cluster.connect(self.database) as connection:
                databases.set_clock(connection, self.world)
            kept.keep_world(self.home, self.generation, self.world)
            self.published(self)

    def _patiently(self, act: Callable[[], Any]) -> Any:
        """Do it again while the database is being restarted."""
        import psycopg

        deadline = time.monotonic() + RESTART_PATIENCE_S
        while True:
            try:
                return act()
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline:
                    raise Unreachable(f"The sandbox's PostgreSQL does not answer: {error}", source="sandbox") from error
                time.sleep(state.POLL_S * 10)


ORDER = ("world", "says", "now", "email_provider", "tables")


def order_of(key: str) -> int:
    """Where a key stands in a dump: the plain ones, the tables, the vendors, the faults."""
    if key in ORDER:
        return ORDER.index(key)
    return 99 if key == "faults" else len(ORDER) + list(vendors.MODULES).index(key)
