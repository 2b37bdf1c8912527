"""The transaction that erases a person: one composed statement, whose counts must be those of the plan."""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg

from peakops.errors import Changed
from peakops.sources import queries
from peakops.sources.erasure import Erasure, Reference

PREFIX = "erasure/"
PERSON = "erasure/person"
"""Names whose rows, by which references; the `erasure/…` statements after it say what becomes of how many of which."""
SECONDS = 18.0
"""What an erasure may take: its foreign keys may have no index."""
CARRIES_ON = ("c", "n", "d")
"""What a foreign key does by itself with a row whose own goes: cascade, set null, set default."""
LOCK_MS = 5_000
"""How long it waits for a row that somebody else changes."""
Statement = tuple[str, Mapping[str, Any]]


def composed(name: str) -> bool:
    """Whether a statement is not a file of sql/."""
    return name.startswith(PREFIX)


def erases(statements: Sequence[Statement]) -> bool:
    """Whether one of the statements is an erasure."""
    return any(composed(name) for name, _ in statements)


def begin(cursor: psycopg.Cursor[dict[str, Any]]) -> None:
    """
    One snapshot for the whole transaction, so that what somebody adds meanwhile ends it instead of going along.

    A cascade would take such a row too, uncounted.
    """
    cursor.execute("set transaction isolation level repeatable read")
    cursor.execute("select set_config('lock_timeout', %s, true)", [str(LOCK_MS)])


def gathered(statements: Sequence[Statement]) -> list[Statement]:
    """The statements, those of an erasure as one: `rows` are the expected counts, by effect and table."""
    found: list[Statement] = []
    for name, params in statements:
        if composed(name) and name != PERSON:
            found[-1][1]["rows"][f"{name.removeprefix(PREFIX)} {params['table']}"] = params["rows"]
        else:
            found.append((name, {**params, "rows": {}} if name == PERSON else params))
    return found


def write(cursor: psycopg.Cursor[dict[str, Any]], params: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Delete and empty what hangs on the person. Raises Changed where a count is not that of the plan."""
    erasure = Erasure(params["references"])
    _nothing_unseen(cursor, params, erasure.tables)
    cursor.execute(erasure.erasing(), {"user": params["user"], "pseudonym": params["pseudonym"]})
    counted = {each["place"]: each["rows"] for each in cursor.fetchall()}
    places = [*(f"delete {each}" for each in erasure.tables), *(f"clear {each}" for each in erasure.altered)]
    for place, name in enumerate(places):
        wanted = params["rows"].get(name, 0)
        if counted.get(place, 0) != wanted:
            says = f"{name.partition(' ')[2]} has {counted.get(place, 0)} rows of the person, and not {wanted}."
            hint = "Nothing was written. Look at it again: peakops data check."
            raise Changed(says, hint=hint, source="database")
    return []


def _nothing_unseen(cursor: psycopg.Cursor[dict[str, Any]], params: Mapping[str, Any], tables: Sequence[str]) -> None:
    """Raises Changed where a foreign key that the plan does not know would take or alter rows, uncounted."""
    known = {(each["table"], tuple(each["columns"])) for each in params["references"]}
    keys = cursor.execute(queries.load("data/references").text).fetchall()
    unseen = [_reference(each) for each in keys if each["on_delete"] in CARRIES_ON and each["to_table"] in tables]
    unseen = [each for each in unseen if (each["table"], tuple(each["columns"])) not in known]
    unseen = [each for each in unseen if not each["table"].startswith("auth.")]
    if not unseen:
        return
    erasure = Erasure([*params["references"], *unseen])
    cursor.execute(erasure.counting(), {"user": params["user"]})
    places = {len(erasure.tables) + n: each for n, each in enumerate(erasure.others)}
    for row in cursor.fetchall():
        if row["rows"] and places.get(row["place"]) in unseen:
            says = f"{places[row['place']]['table']} refers to the person by now, which the plan does not know."
            hint = "Nothing was written. Look at it again: peakops data check."
            raise Changed(says, hint=hint, source="database")


def _reference(key: Mapping[str, Any]) -> Reference:
    """A foreign key as a reference that is counted."""
    own = {"table": key["table_name"], "to": key["to_table"], "kind": "foreign_key", "effect": "unclassified"}
    return {**own, "columns": key["columns"], "to_columns": key["to_columns"]}
