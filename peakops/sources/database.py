"""PostgreSQL, read only: named queries in short transactions, and errors said in the operator's words."""

import select
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import dict_row

from peakops.errors import Bug, NotConfigured, PeakopsError
from peakops.model import Brought
from peakops.sources import queries
from peakops.sources.database_errors import READER, translated

Connection = psycopg.Connection[dict[str, Any]]
Idle = tuple[float, Connection]
"""A connection that nobody uses, and since which moment of the monotonic clock."""
FRESH_SECONDS = 60
"""How long it may have been idle: what is between us and the database drops one without a word after some minutes."""
CONNECT_SECONDS = 5
"""A database that has not let us in by then is down for an operator who waits."""
STREAMED = 500
"""Rows of a stream that are fetched at once."""
UNNAMED = "that you connect as"
"""What a role is called in a sentence where the URL does not name it: 'the role that you connect as'."""
MOST_UNINDEXED = 500_000
"""Rows of Supabase's audit log that are read whole in about a second; it has no index on time or person."""
STATEMENT_SECONDS = 8
"""What a single look may cost; Supabase's own roles give up at 3 to 8 s."""


class Database:
    """
    One connection, opened on first use, for looks that take turns.

    Every query runs in a READ ONLY transaction with its own statement_timeout, set inside the transaction since
    poolers lose `options`. `row_security = off` makes a role that row-level security blinds fail instead of
    seeing no rows. Nothing is prepared on the server: transaction poolers break that.
    """

    setting = READER
    """Where the address stands that errors are about."""

    def __init__(
        self,
        url: str | None,
        *,
        ca: Path | None,
        now: datetime,
        deadline: float,
        idle: list[Idle] | None = None,
    ) -> None:
        """`idle` are connections of this URL that nobody uses: one is taken instead of another being opened."""
        self._url, self._ca, self._now, self._deadline = url, ca, now, deadline
        self._idle = [] if idle is None else idle
        self._turn = threading.Lock()

    def rows(self, query: str, **params: Any) -> Brought:
        """The rows of a named query; a note says when its limit cut them."""
        named = queries.load(query)
        with self._turn:
            rows = self._run(named, params)
        cut = named.limit is not None and len(rows) >= named.limit
        notes = (f"Only the newest {named.limit} rows were read.",) if cut else ()
        return Brought(rows=tuple(rows), asked=f"sql/{query}.sql", notes=notes)

    def team(self, *, query: str, **params: Any) -> Brought:
        """
        The rows of a named query of the team's own tables; none where `peakops setup` has not made their schema.

        A table that is missing from the schema is silence: what it would tell is not known.
        """
        if self._has_team_schema:
            return self.rows(query, **params)
        return Brought(asked="sql/change/team_tables.sql")

    def modest(self, *, query: str, size: str, table: str, **params: Any) -> Brought:
        """
        The rows of a named query of a table that has no index for it; none, and a note, where the table is large.

        `size` is the named query that tells how large it is.

        Reading a large table whole would take the time of all the looks that wait for their turn.
        """
        counted = self.rows(size, table=table).rows
        rows = counted[0]["rows"] if counted else 0
        if rows > MOST_UNINDEXED:
            says = f"{table} holds about {rows:,} rows and has no index for this question: it was not asked."
            return Brought(asked=f"sql/{size}.sql", notes=(says,))
        return self.rows(query, **params)

    def find(self, *, ways: Sequence[tuple[str, Mapping[str, Any]]]) -> Brought:
        """
        The subject by the first query that knows its identifier; the query's other parameters are null.

        An identifier that is None is passed over: a query without any would bring everybody's. Several rows mean
        that the identifier is ambiguous; the caller decides what that means.
        """
        asked = []
        for query, identifier in ways:
            if None in identifier.values():
                continue
            asked.append(f"sql/{query}.sql")
            found = self.rows(query, **{**dict.fromkeys(queries.load(query).params), **identifier})
            if found.rows:
                return replace(found, single=True)
        return Brought(single=True, asked=", ".join(dict.fromkeys(asked)))

    def stream(self, query: str, **params: Any) -> Iterator[dict[str, Any]]:
        """
        The rows of a named query one by one, as one statement whatever their number; it may take all the time.

        The rows are of one moment: the one at which the first of them is asked for.
        """
        named = queries.load(query)
        given = self._given(named, params)
        milliseconds = self._left_ms()
        several = STREAMED if psycopg.capabilities.has_stream_chunked() else 1
        try:
            with self._turn, self._connection.transaction(), self._connection.cursor() as cursor:
                guard(cursor, milliseconds)
                yield from cursor.stream(sql.SQL(named.text), given, size=several)
        except psycopg.Error as wrong:
            raise self._translated(wrong, milliseconds, named.reads) from wrong

    def part(self) -> None:
        """Leave the connection to the next; one that is in use still, or broken, is left as it is."""
        if not self._turn.acquire(blocking=False):
            return
        try:
            left: Connection | None = self.__dict__.pop("_connection", None)
            if left and left.info.transaction_status == psycopg.pq.TransactionStatus.IDLE:
                self._idle.append((time.monotonic(), left))
            elif left:
                left.close()
        finally:
            self._turn.release()

    @cached_property
    def _has_team_schema(self) -> bool:
        """Whether `peakops setup` was run: asked once, however many looks are at the team's tables."""
        return bool(self.rows("change/team_tables").rows[0]["schema"])

    def _run(self, named: queries.Query, params: Mapping[str, Any]) -> list[dict[str, Any]]:
        return self._within(named, params, round(STATEMENT_SECONDS * 1000))

    def _within(self, named: queries.Query, params: Mapping[str, Any], most_ms: int) -> list[dict[str, Any]]:
        """The rows, within so many milliseconds, and the time that is left."""
        given = self._given(named, params)
        milliseconds = min(most_ms, self._left_ms())
        try:
            with self._connection.transaction(), self._connection.cursor() as cursor:
                guard(cursor, milliseconds)
                return cursor.execute(sql.SQL(named.text), given).fetchall()
        except psycopg.Error as wrong:
            raise self._translated(wrong, milliseconds, named.reads) from wrong

    def _given(self, named: queries.Query, params: Mapping[str, Any]) -> dict[str, Any]:
        # psycopg writes a list as an array, and a tuple as a record.
        given = {"now": self._now} | {k: list(v) if isinstance(v, tuple) else v for k, v in params.items()}
        if missing := named.placeholders - given.keys():
            raise Bug(f"sql/{named.name}.sql was asked without {', '.join(sorted(missing))}.")
        return given

    def _left_ms(self) -> int:
        return max(1, round((self._deadline - time.monotonic()) * 1000))

    @cached_property
    def _connection(self) -> Connection:
        while self._idle:
            since, left = self._idle.pop()
            if time.monotonic() - since <= FRESH_SECONDS and not _stirred(left):
                return left
            left.close()
        connection = self._connected()
        connection.read_only = True
        return connection

    def _connected(self) -> Connection:
        seconds = max(1, int(min(CONNECT_SECONDS, self._deadline - time.monotonic())))
        return psycopg.connect(self._conninfo(seconds), prepare_threshold=None, row_factory=dict_row, autocommit=False)

    def _conninfo(self, seconds: int) -> str:
        """The URL with TLS as it should be: on for every host but our own, verified where a CA is configured."""
        if not self._url:
            raise NotConfigured(
                "The portal's database is not configured.",
                code="database.not_configured",
                hint=f"Set {self.setting} or {self.setting}_FILE; see docs/settings.md.",
            )
        given = conninfo_to_dict(self._url)
        host = str(given.get("host") or "")
        if not _is_local(host) and "sslmode" not in given:
            given["sslmode"] = "verify-full" if self._ca else "require"
        if self._ca:
            given["sslrootcert"] = str(self._ca)
        defaults = {"application_name": "peakops", "connect_timeout": seconds, "gssencmode": "disable"}
        return make_conninfo("", **{key: str(value) for key, value in {**defaults, **given}.items()})

    def _translated(self, wrong: psycopg.Error, milliseconds: float, reads: Sequence[str] = ()) -> PeakopsError:
        """What is told of an error of psycopg's, with the setting that this role's address stands in."""
        return translated(wrong, self._role, milliseconds / 1000, reads, self.setting)

    @property
    def _role(self) -> str:
        try:
            return str(conninfo_to_dict(self._url or "").get("user") or UNNAMED)
        except psycopg.ProgrammingError:
            return UNNAMED


def guard(cursor: psycopg.Cursor[dict[str, Any]], milliseconds: int) -> None:
    """Limit the transaction's statements, and let a blinded role fail: inside of it, since poolers lose `options`."""
    cursor.execute(
        "select set_config('statement_timeout', %s, true), set_config('row_security', 'off', true)",
        [str(milliseconds)],
    )


def _stirred(connection: Connection) -> bool:
    """Whether something came over a connection that nobody has asked: that it was closed, as by a restart."""
    stirred = select.poll()
    stirred.register(connection.fileno(), select.POLLIN)
    return bool(stirred.poll(0))


def _is_local(host: str) -> bool:
    return host == "" or host.startswith(("/", "@")) or host in {"localhost", "127.0.0.1", "::1"}
