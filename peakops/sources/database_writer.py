"""PostgreSQL, to change: named writes in one transaction, each of which must touch what it expects."""

import time
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import psycopg
from psycopg import errors as pg
from psycopg import sql
from psycopg.types.json import Jsonb

from peakops.errors import Bug, Changed, Denied, Locked, PeakopsError, Refused, unsent
from peakops.sources import erasure_writing, queries
from peakops.sources.database import STATEMENT_SECONDS, Database
from peakops.sources.database_errors import WRITER

Statement = tuple[str, Mapping[str, Any]]
"""A named query of sql/ and its parameters."""


class DatabaseWriter(Database):
    """The portal's database under a role that may write; its reads are READ ONLY as everywhere."""

    setting = WRITER

    def commit(self, statements: Sequence[Statement]) -> list[list[dict[str, Any]]]:
        """
        All of the statements in one transaction, in their order; what each returned.

        A statement is a file of sql/, or one of `erasure/…`, which erasure_writing composes. Raises Changed, and writes
        nothing, where one touches another number of rows than its header, or its parameter `rows`, expects.
        """
        if not statements:
            return []
        erases = erasure_writing.erases(statements)
        most = erasure_writing.SECONDS if erases else STATEMENT_SECONDS
        milliseconds = max(1, round(min(most, self._deadline - time.monotonic()) * 1000))
        try:
            with self._turn, self._writing.transaction(), self._writing.cursor() as cursor:
                if erases:
                    erasure_writing.begin(cursor)
                cursor.execute("select set_config('statement_timeout', %s, true)", [str(milliseconds)])
                return [self._write(cursor, *each) for each in erasure_writing.gathered(statements)]
        except psycopg.Error as wrong:
            raise self._refusal(wrong, milliseconds / 1000) from wrong

    def _write(
        self, cursor: psycopg.Cursor[dict[str, Any]], name: str, params: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        if erasure_writing.composed(name):
            return erasure_writing.write(cursor, params)
        named = queries.load(name)
        given = {"now": self._now} | {k: Jsonb(v) if isinstance(v, dict) else v for k, v in params.items()}
        if missing := named.placeholders - given.keys():
            raise Bug(f"sql/{named.name}.sql was asked without {', '.join(sorted(missing))}.")
        # Without parameters several statements may stand in one file, as a schema's do.
        cursor.execute(sql.SQL(named.text), given if named.placeholders else None)
        rows = cursor.fetchall() if cursor.description else []
        least, most = (params["rows"],) * 2 if "rows" in params else named.expects
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
        if isinstance(wrong, pg.LockNotAvailable | pg.DeadlockDetected):
            says = "Somebody else's transaction holds a row that is to be changed; nothing was written."
            return unsent(Locked(says, hint="Run it again when that transaction has ended.", source="database"))
        if isinstance(wrong, pg.SerializationFailure):
            says = "A row was changed by somebody else meanwhile; nothing was written."
            return Changed(says, hint="Run the check again.", source="database")
        if isinstance(wrong, pg.RaiseException | pg.FeatureNotSupported):
            # What a trigger says may name somebody: its kind is told, and no word of it.
            says = f"A trigger or rule of the database refuses it ({type(wrong).__name__}); nothing was written."
            return Refused(says, hint="Ask engineering which of the tables has one.", code="database.refused")
        if isinstance(wrong, psycopg.IntegrityError):
            says = f"The database refuses the row ({type(wrong).__name__}); nothing was written."
            return Changed(says, hint="Run the check again.", source="database")
        return self._translated(wrong, seconds * 1000)

    @cached_property
    def _writing(self) -> psycopg.Connection[dict[str, Any]]:
        """A connection of its own, since the one that reads is READ ONLY."""
        return self._connected()
