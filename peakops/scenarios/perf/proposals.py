"""From trials to proposals: the best index for each statement, and the SQL that makes and undoes it. Pure."""

import re
from collections.abc import Sequence
from typing import Any

from peakops.scenario import Row

SAVES = 0.5
"""Of the planner's cost an index must save at least (dexter's limit): it costs every write something."""
AS_GOOD = 1.1
"""An index of fewer columns is taken where its cost is within a tenth of the best."""
LONGEST = 63
"""Bytes of a name in PostgreSQL; a longer one is cut by the server without a word."""
FIELDS = (
    *("table", "columns", "name", "proof", "before", "after", "times", "statements", "calls", "total_ms"),
    *("writes", "limit", "create", "check", "undo", "says"),
)
LIMIT = "set lock_timeout = '5s'; set statement_timeout = 0;"
"""
Before it is made: whoever waits for the table longer would make everybody wait behind it.

Supabase ends a statement of postgres' after two minutes, and what is broken off leaves an invalid index.
"""
CHECK = "select indisvalid from pg_index where indexrelid = '{}'::regclass;"
"""Afterwards: a building that was broken off leaves an index that costs every write, and serves no read."""


def proposals(proofs: Sequence[Row], statements: Sequence[Row], tables: Sequence[Row]) -> list[dict[str, Any]]:
    """One row for each index, those first that save the most time."""
    known = {each["id"]: each for each in statements}
    taken = {name for each in tables for name in (*each["names"], *(index["name"] for index in each["indexes"]))}
    writes = {each["table"]: each["writes"] for each in tables}
    found: dict[tuple[str, tuple[str, ...]], list[Row]] = {}
    for trial in _merged(_best(proofs)):
        found.setdefault((trial["table"], tuple(trial["columns"])), []).append(trial)
    rows = []
    for several in found.values():
        row = _row(several, known, taken, writes)
        taken.add(row["name"])
        rows.append(row)
    return sorted(rows, key=lambda row: (row["proof"] != "proven", -_saved(row), row["table"], row["columns"]))


def _best(proofs: Sequence[Row]) -> list[Row]:
    """
    For each statement and table the index that helps most; unproven, the one that serves most of it.

    Where nobody has asked the planner, only a table that is read whole is worth one: another has its index.
    """
    several: dict[tuple[str, str], list[Row]] = {}
    for each in proofs:
        if (each["used"] is None and each["whole"]) or (each["used"] and each["after"] <= each["before"] * (1 - SAVES)):
            several.setdefault((each["id"], each["of"]), []).append(each)
    return [_chosen(each) for each in several.values()]


def _chosen(trials: Sequence[Row]) -> Row:
    if trials[0]["used"] is None:
        return trials[0]
    least = min(each["after"] for each in trials)
    good = [each for each in trials if each["after"] <= least * AS_GOOD]
    return min(good, key=lambda each: (len(each["columns"]), each["after"]))


def _merged(chosen: Sequence[Row]) -> list[Row]:
    """The same, where one index is the beginning of another that is proposed too: the longer one serves both."""
    every = sorted({(each["table"], tuple(each["columns"])) for each in chosen}, key=lambda each: -len(each[1]))
    merged = list[Row]()
    for each in chosen:
        own = tuple(each["columns"])
        longest = next(more for table, more in every if table == each["table"] and more[: len(own)] == own)
        merged.append({**each, "columns": list(longest), "names": _names(chosen, each["table"], longest)})
    return merged


def _names(chosen: Sequence[Row], table: str, columns: tuple[str, ...]) -> list[str]:
    found: list[str] = next(e["names"] for e in chosen if e["table"] == table and tuple(e["columns"]) == columns)
    return found


def _row(trials: Sequence[Row], known: dict[str, Row], taken: set[str], writes: dict[str, int]) -> dict[str, Any]:
    first = trials[0]
    schema, _, table = first["of"].partition(".")
    name = named(table, first["names"], taken)
    placed = f"{_quoted_schema(first['table'], schema)}.{quoted(name)}"
    proven = first["used"] is not None
    before, after = sum(each["cost"] for each in trials), sum(each["after"] or 0 for each in trials)
    row = {
        "table": first["of"],
        "columns": list(first["columns"]),
        "name": name,
        "proof": "proven" if proven else "unproven",
        "before": round(before, 2),
        "after": round(after, 2) if proven else None,
        "times": round(before / max(after, 0.01), 1) if proven else None,
        "statements": [each["id"] for each in trials],
        "calls": sum(known[each["id"]]["calls"] or 0 for each in trials),
        "total_ms": sum(known[each["id"]]["total_ms"] or 0 for each in trials),
        "writes": writes.get(first["of"], 0),
        "limit": LIMIT,
        "create": f"create index concurrently {quoted(name)} on {first['table']} ({', '.join(first['columns'])});",
        "check": CHECK.format(placed.replace("'", "''")),
        "undo": f"drop index concurrently if exists {placed};",
    }
    return {**row, "says": _says(row)}


def _says(row: Row) -> str:
    cost = f"cost {row['before']:,.0f}"
    proof = f"{cost} → {row['after']:,.0f}, proven by the planner" if row["times"] else f"{cost}, unproven"
    time = f", {row['total_ms']:,} ms in {row['calls']:,} calls" if row["calls"] else ""
    price = f", slows {row['writes']:,} writes since statistics began" if row["writes"] else ""
    return f"{proof}{time}{price} · {row['limit']} {row['create']} · look: {row['check']} · undo: {row['undo']}"


def _saved(row: Row) -> float:
    """The time that it saves, as far as that is known: of the statements' time, the share of the cost."""
    share = 1 - (row["after"] or 0) / max(row["before"], 0.01)
    return float((row["total_ms"] or 1) * share)


def named(table: str, columns: Sequence[str], taken: set[str]) -> str:
    """The name of an index as PostgreSQL would give it, which no index of these tables has."""
    number = 0
    while True:
        end = f"_idx{number or ''}"
        whole = f"{table}_{'_'.join(columns)}".encode()[: LONGEST - len(end)].decode(errors="ignore")
        if (name := f"{whole}{end}") not in taken:
            return name
        number += 1


def quoted(name: str) -> str:
    """A name as SQL writes it; in quotes where it is not a plain one. It ends in _idx, so that it is no keyword."""
    return name if re.fullmatch(r"[a-z_][a-z0-9_]*", name) else '"' + name.replace('"', '""') + '"'


def _quoted_schema(table: str, schema: str) -> str:
    """The schema as the server wrote it in front of the table."""
    match = re.match(r'("(?:[^"]|"")+"|[^".]+)\.', table)
    return match[1] if match else quoted(schema)
