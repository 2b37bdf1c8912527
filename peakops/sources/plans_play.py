"""
One statement explained in a transaction that is READ ONLY and rolled back, as ourselves or as a role of the portal's.

PREPARE and EXPLAIN EXECUTE serve every version: EXPLAIN (GENERIC_PLAN) is there since 16, and is never carried out.
"""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import errors as pg
from psycopg import sql
from psycopg.rows import dict_row

from peakops.errors import Denied, NotFound
from peakops.sources import plans_effects, plans_nodes
from peakops.sources.database import guard
from peakops.sources.plans_text import parsable, shown

Cursor = psycopg.Cursor[dict[str, Any]]
RAISED = re.compile(r"at RAISE\b")
"""How PostgreSQL says that a function's own words are those of the error."""
NOT_ITS_FAULT = {"", "08", "28", "40", "53", "55", "57", "58", "XX"}
"""Classes of SQLSTATE that are the connection's or the server's; a function of the portal's may raise any other."""
WHICH = "Name the role that the portal's requests have, with --as."
NOT_ONE = ("cannot insert multiple commands", "read-only transaction")


@dataclass(frozen=True, kw_only=True)
class Player:
    """Whom a statement is explained as; without a role it is ourselves, past row-level security."""

    role: str | None = None
    claims: str = ""
    """The JSON of request.jwt.claims, as PostgREST sets it for each request; personal data."""
    sub: str = ""


@dataclass(frozen=True, kw_only=True)
class Given:
    """How a statement is explained."""

    text: str
    values: tuple[str, ...] = ()
    analyze: bool = False


@contextmanager
def stage(connection: psycopg.Connection[dict[str, Any]], milliseconds: int) -> Iterator[Cursor]:
    """A transaction for plans: READ ONLY as the connection is, limited in time, and rolled back whatever happens."""
    with connection.transaction(force_rollback=True), connection.cursor() as cursor:
        guard(cursor, milliseconds)
        yield cursor


def enter(cursor: Cursor, player: Player) -> None:
    """Take the role on, for this transaction. Raises Denied where it may not be taken, NotFound where there is none."""
    if player.role is None:
        return
    said = {"request.jwt.claims": player.claims, "request.jwt.claim.sub": player.sub}
    said |= {"request.jwt.claim.role": player.role, "row_security": "on"}
    query = "select set_config(name, value, true) from unnest(%s::text[], %s::text[]) as given (name, value)"
    cursor.execute(query, [list(said), list(said.values())])
    try:
        with cursor.connection.transaction():
            cursor.execute("select set_config('role', %s, true)", [player.role])
    except pg.InsufficientPrivilege:
        own = cursor.connection.info.user
        raise Denied(
            f"The role {own} may not take on the role {player.role}.",
            code="database.set_role",
            hint=WHICH if _is_above(cursor, player.role) else f"grant {player.role} to {own};",
            source="database",
        ) from None
    except pg.InvalidParameterValue:
        says = f"The database has no role '{player.role}'."
        raise NotFound(says, code="database.no_such_role", hint=WHICH, source="database") from None


def _is_above(cursor: Cursor, role: str) -> bool:
    """Whether a role may do what peakops must never be granted: its policies are none, or all rights are its."""
    query = "select rolsuper or rolbypassrls as above from pg_catalog.pg_roles where rolname = %s"
    return bool((cursor.execute(query, [role]).fetchone() or {})["above"])


def explained(cursor: Cursor, given: Given, *, softly: bool) -> dict[str, Any]:
    """
    The plan of a statement as a row: its figures, its nodes, and how it was planned.

    `refused` names why there is none: `not_one_select`, `cannot_be_planned`, or `role_may_not`; `says` has the
    server's words without values. Raises psycopg's InsufficientPrivilege where it is not to be taken `softly`, and its
    other errors where they are not the statement's fault.
    """
    try:
        return _explained(cursor, given)
    except RecursionError:
        return refusal("cannot_be_planned", "Its plan has more levels than can be read.")
    except pg.InsufficientPrivilege as wrong:
        if not (softly or _is_raised(wrong)):
            raise
        return refusal("role_may_not" if softly else "cannot_be_planned", _said(wrong))
    except psycopg.Error as wrong:
        if (wrong.sqlstate or "")[:2] in NOT_ITS_FAULT:
            raise
        code = "not_one_select" if any(each in str(wrong) for each in NOT_ONE) else "cannot_be_planned"
        return refusal(code, _said(wrong))


def _said(wrong: psycopg.Error) -> str:
    """The server's words; of an error about a value, or in a function's own words, its number alone: a row's value."""
    if (wrong.sqlstate or "").startswith("22"):
        return f"A value cannot be used: {type(wrong).__name__} ({wrong.sqlstate})."
    if _is_raised(wrong):
        return f"A function that it calls ends it: {type(wrong).__name__} ({wrong.sqlstate})."
    said = shown(wrong.diag.message_primary or type(wrong).__name__)
    return f"PostgreSQL says: {said}."


def _is_raised(wrong: psycopg.Error) -> bool:
    """Whether a function of the portal's ended the statement, in words of its own."""
    return (wrong.sqlstate or "").startswith("P0") or bool(RAISED.search(wrong.diag.context or ""))


def acts(name: str) -> str:
    """Why a statement is not carried out."""
    return f"It calls {name}, whose effect no rollback takes back. Without --analyze it is planned alone."


def refusal(code: str, says: str) -> dict[str, Any]:
    """The row of a statement that has no plan."""
    return {**dict.fromkeys(FIELDS), "refused": code, "says": says, "nodes": []}


FIELDS = (
    *("refused", "says", "planned", "analyzed", "ended", "rows", "cost", "actual_rows", "time_ms"),
    *("planning_ms", "hit", "read", "limit_ms"),
)


def _explained(cursor: Cursor, given: Given) -> dict[str, Any]:
    with prepared(cursor, given.text, len(given.values)) as (name, count):
        values = given.values[:count]
        if given.values and len(given.values) != count:
            says = f"The statement has {count} parameter(s), and {len(given.values)} value(s) were given."
            return refusal("cannot_be_planned", says)
        known = len(values) == count
        shape = _explain(cursor, name, values if known else [None] * count, analyze=False)
        if plans_nodes.changes(shape["Plan"]):
            return refusal("not_one_select", "It changes or locks rows.")
        analyze = given.analyze and known
        if analyze and (function := plans_effects.effect(cursor, shape["Plan"])):
            return refusal("not_one_select", acts(function))
        document = _carried_out(cursor, name, values) if analyze else shape
        row = _row(document or shape, planned="values" if known else "generic")
        return row if document else {**row, "ended": True}


@contextmanager
def prepared(cursor: Cursor, text: str, values: int) -> Iterator[tuple[str, int]]:
    """
    The name under which the server has parsed the statement, and how many parameters it found; gone afterwards.

    With as many `values` it is planned for these, else for any.
    """
    name, connection = f"peakops_{uuid4().hex[:12]}", cursor.connection
    raw, there = psycopg.RawCursor(connection, row_factory=dict_row), False
    try:
        with connection.transaction():
            # In binary it is the extended protocol, whose parser takes one statement and no chain of them.
            raw.execute(f"prepare {name} as {parsable(text)}".encode(), binary=True)
            there = True
            row = cursor.execute(PLANNED, {"values": values, "name": name}).fetchone()
            yield name, int((row or {})["n"])
    finally:
        if there and not connection.broken:
            # It would outlive the rollback.
            cursor.execute(sql.SQL("deallocate {}").format(sql.Identifier(name)))


PLANNED = """
    select cardinality(parameter_types) as n,
           set_config('plan_cache_mode', case when cardinality(parameter_types) = %(values)s
                                              then 'force_custom_plan' else 'force_generic_plan' end, true)
      from pg_catalog.pg_prepared_statements
     where name = %(name)s
"""


def _carried_out(cursor: Cursor, name: str, values: Sequence[str | None]) -> dict[str, Any] | None:
    """The plan as it went; None where the time limit ended it."""
    try:
        with cursor.connection.transaction():
            return _explain(cursor, name, values, analyze=True)
    except pg.QueryCanceled:
        return None


def _explain(cursor: Cursor, name: str, values: Sequence[str | None], *, analyze: bool) -> dict[str, Any]:
    options = "analyze, buffers, verbose, format json" if analyze else "verbose, format json"
    given = sql.SQL("({})").format(sql.SQL(", ").join(map(sql.Literal, values))) if values else sql.SQL("")
    execute = sql.SQL("explain ({}) execute {}{}").format(sql.SQL(options), sql.Identifier(name), given)
    found = (cursor.execute(execute).fetchone() or {})["QUERY PLAN"]
    document: dict[str, Any] = (json.loads(found) if isinstance(found, str) else found)[0]
    return document


def _row(document: dict[str, Any], *, planned: str) -> dict[str, Any]:
    plan = document["Plan"]
    return {
        "refused": None,
        "says": None,
        "planned": planned,
        "analyzed": "Actual Loops" in plan,
        "ended": False,
        "rows": plan["Plan Rows"],
        "cost": plan["Total Cost"],
        "actual_rows": plan.get("Actual Rows"),
        "time_ms": document.get("Execution Time"),
        "planning_ms": document.get("Planning Time"),
        "hit": plan.get("Shared Hit Blocks"),
        "read": plan.get("Shared Read Blocks"),
        "nodes": plans_nodes.kept(plan),
    }
