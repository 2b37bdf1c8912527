"""What the planner makes of an index that is not there: hypopg makes it in the mind of one session alone."""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import psycopg
from psycopg import sql

from peakops.model import Row
from peakops.sources.plans_play import Cursor, Given, Player, enter, explained

MOST_TRIALS = 200
"""Each takes about 2 ms; hypopg has some thousand numbers for indexes, and takes one for each."""
NO_SUCH = re.compile(r"column .* does not exist|row size|operator class")
"""An index that cannot be, as hypopg and PostgreSQL say it; what else fails is hypopg's own, and nothing is known."""


def proven(
    cursor: Cursor,
    schema: str,
    texts: Mapping[str, str],
    trials: Sequence[Row],
    player: Player,
    has_time: Callable[[], bool],
) -> list[dict[str, Any]]:
    """
    The trials with the planner's cost before and after, one hypothetical index at a time; none is left behind.

    Those for which there is no time are left out. Raises psycopg's errors where hypopg itself fails.
    """
    rows, before = list[dict[str, Any]](), dict[str, float | None]()
    try:
        for trial in trials[:MOST_TRIALS]:
            if not has_time():
                break
            text = texts[trial["id"]]
            if trial["id"] not in before:
                before[trial["id"]] = _plan(cursor, text, player)["cost"]
            rows.append({**trial, "before": before[trial["id"]], **_with(cursor, schema, text, trial, player)})
    finally:
        # Where this fails too, the first error is the one to tell.
        with suppress(psycopg.Error):
            _reset(cursor, schema)
    return rows


def _with(cursor: Cursor, schema: str, text: str, trial: Row, player: Player) -> dict[str, Any]:
    """The cost with the index, and whether the plan uses it; its name there begins with its number: <123>btree_…"""
    definition = f"create index on {trial['table']} ({', '.join(trial['columns'])})"
    _reset(cursor, schema)
    make = sql.SQL("select indexname as name from {}(%s)").format(sql.Identifier(schema, "hypopg_create_index"))
    try:
        with cursor.connection.transaction():
            name = (cursor.execute(make, [definition]).fetchone() or {})["name"]
    except psycopg.Error as wrong:
        if not NO_SUCH.search(wrong.diag.message_primary or ""):
            raise
        return {"after": None, "used": False}
    plan = _plan(cursor, text, player)
    return {"after": plan["cost"], "used": any(each["index"] == name for each in plan["nodes"])}


def _plan(cursor: Cursor, text: str, player: Player) -> dict[str, Any]:
    """The plan as the player; prepared anew each time, since a plan that is kept knows nothing of a new index."""
    if player.role is None:
        return explained(cursor, Given(text=text), softly=False)
    with cursor.connection.transaction(force_rollback=True):
        enter(cursor, player)
        return explained(cursor, Given(text=text), softly=True)


def _reset(cursor: Cursor, schema: str) -> None:
    cursor.execute(sql.SQL("select {}()").format(sql.Identifier(schema, "hypopg_reset")))
