"""What PostgreSQL knows of its own speed: its catalogue, statistics and sessions, in one read-only transaction."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import psycopg
from psycopg import sql

from peakops.errors import TimedOut
from peakops.model import Brought
from peakops.settings import Settings
from peakops.sources.database import STATEMENT_SECONDS, Database
from peakops.sources.database_errors import PERFORMANCE, READER
from peakops.sources.queries import Query

LOCK_MS = 500
"""A look at the catalogue waits for no lock longer: it is asked when tables are locked, and must not join the queue."""
STATEMENTS = "pg_stat_statements"
GUARD = """
    select set_config('statement_timeout', %(milliseconds)s, true),
           set_config('lock_timeout', %(lock)s, true),
           set_config('row_security', 'off', true),
           set_config('search_path', concat_ws(', ', 'pg_catalog', max(quote_ident(n.nspname))), true),
           count(*) > 0 as counts_statements
      from pg_catalog.pg_extension as e
      join pg_catalog.pg_namespace as n on n.oid = e.extnamespace
     where e.extname = 'pg_stat_statements'
       and has_schema_privilege(n.oid, 'usage')
       and current_setting('pg_stat_statements.max', true) is not null
       and string_to_array(e.extversion, '.')::int[] >= '{1,9}'
"""
"""
The transaction's limits, and the extension's schema: Supabase has it in `extensions`, others in public.

A pg_stat_statements before 1.9, PostgreSQL 14's, does not tell since when it counts: an upgrade leaves it as it was.
"""


class Performance(Database):
    """
    The portal's database under the role of `peakops perf`, or the reader's where it has none of its own.

    All looks share one READ ONLY transaction: a look is one statement then, and none of them is of another moment's
    statistics. It is left open until the process ends, some hundred milliseconds later.
    """

    def __init__(self, settings: Settings, *, deadline: float) -> None:
        url = settings.database_perf_url or settings.database_url
        super().__init__(url, ca=settings.database_ca, now=settings.now(), deadline=deadline)
        self.setting = PERFORMANCE if settings.database_perf_url else READER

    def rows(self, query: str, **params: Any) -> Brought:
        """As Database.rows; what a limit leaves are not the newest rows, but the largest or the slowest."""
        brought = super().rows(query, **params)
        return replace(
            brought, notes=tuple(f"Only the first {len(brought.rows)} rows were read." for _ in brought.notes)
        )

    def only(self, *, query: str) -> Brought:
        """The one row of a query."""
        return replace(self.rows(query), single=True)

    def _run(self, named: Query, params: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The rows; none where the extension that the query reads is of no use, which `perf/server` tells of."""
        given = self._given(named, params)
        milliseconds = min(round(STATEMENT_SECONDS * 1000), self._left_ms())
        try:
            counts_statements = self._begun(milliseconds)
            if STATEMENTS in named.reads and not counts_statements:
                return []
            return self._connection.execute(sql.SQL(named.text), given).fetchall()
        except psycopg.errors.LockNotAvailable as locked:
            self._begin_anew()
            raise TimedOut(
                f"A table is locked, so that sql/{named.name}.sql was not answered within {LOCK_MS} ms.",
                hint="See under Sessions who holds the lock, then run it again.",
                code="database.locked",
                source="database",
            ) from locked
        except psycopg.Error as wrong:
            self._begin_anew()
            raise self._translated(wrong, milliseconds, named.reads) from wrong

    def _begin_anew(self) -> None:
        """End a transaction that an error has spoilt, if the connection was made and still is."""
        if "_connection" in self.__dict__ and not self._connection.broken:
            self._connection.rollback()

    def _begun(self, milliseconds: int) -> bool:
        """Whether statements are counted, once the transaction has begun: after an error it begins anew."""
        if self._connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE:
            given = {"milliseconds": str(milliseconds), "lock": str(LOCK_MS)}
            row = self._connection.execute(sql.SQL(GUARD), given).fetchall()[0]
            self._counts_statements = bool(row["counts_statements"])
        return self._counts_statements
