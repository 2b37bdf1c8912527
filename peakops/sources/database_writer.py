"""PostgreSQL, to change: named writes in one transaction, each of which must touch what it expects."""

import time
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import psycopg
from psycopg import errors as pg
from psycopg import sql
from psycopg.types.json import Jsonb

from peakops.errors import Bug, Changed, Denied, PeakopsError
from peakops.sources import queries
from peakops.sources.database import STATEMENT_SECONDS, Database
from peakops.sources.database_errors import translated

Statement = tuple[str, Mapping[str, Any]]
"""A named query of sql/ and its parameters."""


class DatabaseWriter(Database):
    """The portal's database under a role that may write; its reads are READ ONLY as everywhere."""

    def commit(self, statements: Sequence[Statement]) -> list[list[dict[str, Any]]]:
        """
        All of the statements in one transaction, in their order; what each returned.

        Raises Changed, and writes nothing, where one touches another number of rows than its header expects.
        """
        if not statements:
            return []
        milliseconds = max(1, round(min(STATEMENT_SECONDS, self._deadline - time.monotonic()) * 1000))
        try:
            with self._turn, self._writing.transaction(), self._writing.cursor() as cursor:
                cursor.execute("select set_config('statement_timeout', %s, true)", [str(milliseconds)])
                return [self._write(cursor, queries.load(name), params) for name, params in statements]
        except psycopg.Error as wrong:
            raise self._refusal(wrong, milliseconds / 1000) from wrong

    def _write(
        self, cursor: psycopg.Cursor[dict[str, Any]], named: queries.Query, params: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        given = {"now": self._now} | {k: Jsonb(v) if isinstance(v, dict) else v for k, v in params.items()}
        if missing := named.placeholders - given.keys():
            raise Bug(f"sql/{named.name}.sql was asked without {', '.join(sorted(missing))}.")
        # Without parameters several statements may stand in one file, as a schema's do.
        cursor.execute(sql.SQL(named.text), given if named.placeholders else None)
        rows = cursor.fetchall() if cursor.description else []
        least, most = named.expects
        if not least <= len(rows) <= most:
            says = f"The {named.writes[0]} row is not what was looked at any more; nothing was written."
            raise Changed(says, hint="Run the check again.", source="database")
        return rows

    def _refusal(self, wrong: psycopg.Error, seconds: float) -> PeakopsError:
        if isinstance(wrong, pg.InsufficientPrivilege | pg.ReadOnlySqlTransaction):
            return Denied(
                f"The role {self._role} may not write: {str(wrong).splitlines()[0]}.",
                code="database.may_not_write",
                hint="Give PEAKOPS_DATABASE_WRITE_URL a role that may write them; see docs/safety.md.",
                source="database",
            )
        if isinstance(wrong, psycopg.IntegrityError):
            says = f"The database refuses the row ({type(wrong).__name__}); nothing was written."
            return Changed(says, hint="Run the check again.", source="database")
        return translated(wrong, self._role, seconds)

    @cached_property
    def _writing(self) -> psycopg.Connection[dict[str, Any]]:
        """A connection of its own, since the one that reads is READ ONLY."""
        return self._connected()
