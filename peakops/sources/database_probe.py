"""PostgreSQL, asked about itself: who we are there, what we may do, and whether every query of ours would run."""

import re
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg import generators, pq
from psycopg.conninfo import conninfo_to_dict
from psycopg.errors import error_from_result

from peakops.errors import TimedOut
from peakops.model import Brought
from peakops.sources.database import STATEMENT_SECONDS, Database, guard
from peakops.sources.database_errors import object_of
from peakops.sources.queries import PLACEHOLDER, load, root

RIGHTS, OF_COLUMNS = ("insert", "update", "delete", "truncate"), ("insert", "update")
"""What writes, and what of it may be granted for some columns alone."""
SCHEMAS = ("public", "auth", "peakops")
"""Where the portal's tables are, Supabase Auth's, and the team's."""
TABLE = re.compile(r"(?:(\w+)\.)?(\w+)")
SESSION_PORT, TRANSACTION_PORT = "5432", "6543"
"""Where Supabase's poolers listen, for whole sessions and for single transactions."""


class DatabaseProbe(Database):
    """The portal's database as the doctor looks at it; nothing is changed, and no row of the portal's is read."""

    def server(self) -> Brought:
        """The server, the role, the way to it (direct, or which pooler), and how far its clock is ahead in seconds."""
        before = time.time()
        row = self.rows("doctor/server").rows[0]
        middle = datetime.fromtimestamp((before + time.time()) / 2, UTC)
        told = {key: each for key, each in row.items() if key not in ("backend", "clock")}
        # A pooler makes up the number of the process that it names to its clients.
        pooled = row["backend"] != self._connection.info.backend_pid
        more = {
            "way": _way(self._url or "", pooled=pooled),
            "tls": self._connection.pgconn.ssl_in_use,
            "clock_ahead_s": round((row["clock"] - middle).total_seconds(), 1) + 0.0,  # no minus before nought
        }
        return Brought(rows=({**told, **more},), single=True, asked="sql/doctor/server.sql")

    def tables(self, *, queries: Sequence[str]) -> Brought:
        """Every table, what this role may do with each, and which of them these queries name."""
        names = sorted({table for name in _expanded(queries) for table in _tables_of(name)})
        given = {"schemas": list(SCHEMAS), "rights": list(RIGHTS), "of_columns": list(OF_COLUMNS)}
        return self.rows("doctor/tables", tables=names, **given)

    def roles(self) -> Brought:
        """The roles that this one may take on with `set role`, of those that may write or make roles."""
        given = {"rights": ", ".join(RIGHTS), "of_columns": ", ".join(OF_COLUMNS)}
        return self.rows("doctor/roles", schemas=list(SCHEMAS), **given)

    def plans(self, *, queries: Sequence[str]) -> Brought:
        """
        Whether the server would run each of these queries for this role: planned, and not run; `fault` says why not.

        A name may be a folder with an asterisk: what reads of it, or for the role that writes all of it. A plan finds
        tables and columns that are missing, rights too, and row-level security that hides rows; a table that stays
        locked ends it. Raises TimedOut.
        """
        names = [each for each in _expanded(queries) if self._is_ours(each)]
        with self._turn:
            return Brought(rows=tuple(self._planned(names)), asked=f"explain, for {len(names)} files of sql/")

    def _is_ours(self, name: str) -> bool:
        """Whether this role is to carry a query out."""
        return not load(name).writes

    def _planned(self, names: Sequence[str]) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        milliseconds = min(round(STATEMENT_SECONDS * 1000), self._left_ms())
        try:
            with self._connection.transaction(), self._connection.cursor() as cursor:
                guard(cursor, milliseconds)
                cursor.execute("savepoint clean")
                while len(rows) < len(names):
                    rows += self._as_far_as_it_goes(names[len(rows) :], milliseconds / 1000)
        except psycopg.Error as wrong:
            raise self._translated(wrong, milliseconds) from wrong
        return rows

    def _as_far_as_it_goes(self, names: Sequence[str], seconds: float) -> list[dict[str, Any]]:
        """
        The plans of all these queries in one round trip, or of those up to the first that fails.

        The simple protocol carries several statements at once, and gives up after the first error.
        """
        script = ";".join(["rollback to savepoint clean", *map(_explained, names)])
        pgconn = self._connection.pgconn
        pgconn.send_query(script.encode())
        results = self._connection.wait(generators.execute(pgconn))
        rows = []
        for name, result in zip(names, results[1:], strict=False):
            fault = None
            if result.status == pq.ExecStatus.FATAL_ERROR:
                wrong = error_from_result(result)
                fault = self._translated(wrong, seconds * 1000, load(name).reads)
                if isinstance(fault, TimedOut):
                    raise wrong
            rows.append(
                {
                    "query": name,
                    "fault": fault.code if fault else None,
                    "object": _qualified(object_of(wrong), name) if fault else None,
                    "says": fault.says if fault else None,
                }
            )
        if not rows:
            raise error_from_result(results[0])
        return rows


def _expanded(names: Iterable[str]) -> list[str]:
    """The names, with those of a whole folder in the place of `change/*`."""
    found: list[str] = []
    for name in names:
        folder, _, rest = name.partition("/")
        inside = (root() / folder).iterdir() if rest == "*" else ()
        found += sorted(f"{folder}/{file.name.removesuffix('.sql')}" for file in inside) or [name]
    return list(dict.fromkeys(found))


def _explained(name: str) -> str:
    """A query to be planned, with nulls in the place of its parameters: no value changes what it needs."""
    return "explain " + PLACEHOLDER.sub("null", load(name).text).replace("%%", "%")


def _tables_of(name: str) -> list[str]:
    """The tables of a query's header, with their schema; the catalogue's are everybody's to read."""
    query = load(name)
    found = [TABLE.fullmatch(each) for each in (*query.reads, *query.writes)]
    return [f"{each[1] or 'public'}.{each[2]}" for each in found if each and not each[2].startswith("pg_")]


def _qualified(said: str, name: str) -> str:
    """The object of a message with its schema, as the query names it; a refusal names the table alone."""
    written = re.search(rf"\b(?:{'|'.join(SCHEMAS)})\.{re.escape(said)}\b", load(name).text)
    return written[0] if written else next((each for each in _tables_of(name) if each.endswith(f".{said}")), said)


def _way(url: str, *, pooled: bool) -> str:
    """How the database is reached: what its address says, and what its answers give away."""
    given = conninfo_to_dict(url)
    host, port = str(given.get("host") or ""), str(given.get("port") or SESSION_PORT)
    if host.endswith(".pooler.supabase.com"):
        return f"Supabase's pooler, {'transaction' if port == TRANSACTION_PORT else 'session'} mode"
    if host.endswith((".supabase.co", ".supabase.in")):
        return "the project's own pooler, transaction mode" if port == TRANSACTION_PORT else "direct"
    return "a pooler" if pooled else "direct"
