"""Which indexes could help a plan, and which of them are there already. Pure."""

from collections.abc import Iterator, Sequence
from typing import Any

from peakops.scenario import Row
from peakops.scenarios.perf import triage
from peakops.scenarios.perf.conditions import Wanted, wanted

MOST_COLUMNS = 3
MANAGED = (
    *triage.MANAGED,
    *("supabase_migrations", "pgsodium", "pg_catalog", "information_schema", "pg_toast"),
)
"""Schemas that are Supabase's or PostgreSQL's own: what is in them changes with their versions."""
INDEXABLE = ("r", "m")
Columns = tuple[tuple[str, str], ...]
"""The columns of an index by name, each with how it is sorted where that is not the usual way."""


def tables(plans: Sequence[Row]) -> list[str]:
    """The tables that these plans read."""
    return sorted({each["relation"] for plan in plans for each in plan["nodes"] if each["relation"]})


def trials(plans: Sequence[Row], known: Sequence[Row]) -> list[dict[str, Any]]:
    """
    The indexes to try for each statement, those first that serve most of what it looks for.

    None that is there already, nor one that is a prefix of another; none of a small table, or of a schema of
    Supabase's.
    """
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for plan, table, columns, equal, whole in _candidates(plans, known):
        if not any(covers(each, columns, equal) for each in table["indexes"]):
            trial = {"id": plan["id"], "of": table["table"], "table": table["quoted"], "names": [n for n, _ in columns]}
            trial["whole"] = whole
            quoted = {each["name"]: each["quoted"] for each in table["columns"]}
            specs = [f"{quoted[name]}{order}" for name, order in columns]
            found.setdefault((plan["id"], table["table"], columns), {**trial, "columns": specs, "cost": plan["cost"]})
    return list(found.values())


def invalid(plans: Sequence[Row], known: Sequence[Row]) -> list[dict[str, Any]]:
    """The indexes that would serve a statement, and are there, but invalid."""
    found = {
        each["quoted"]: {"index": each["quoted"], "of": table["table"], "names": each["columns"], "id": plan["id"]}
        for plan, table, columns, equal, _ in _candidates(plans, known)
        for each in table["indexes"]
        if not each["valid"] and not each["building"] and covers(each, columns, equal)
    }
    return list(found.values())


def partitions(plans: Sequence[Row], known: Sequence[Row]) -> list[str]:
    """The large partitions that are read whole for some of their rows: no index of theirs is tried."""
    large = {each["table"] for each in known if each["is_partition"] and each["rows"] >= triage.LARGE}
    seen = [each for plan in plans for each in wanted(plan["nodes"]) if each.table in large and _is_whole(each)]
    return sorted({each.table for each in seen if each.equal or each.ranged or each.joined})


def covers(index: Row, columns: Columns, equal: int) -> bool:
    """
    Whether an index has these columns in front, valid or not; the first `equal` ones in any order.

    How they are sorted is left out of account: rather no proposal than one of an index that is there.
    """
    if index["method"] not in ("btree", "hash") or index["partial"]:
        return False
    if index["method"] == "hash":
        return equal == 1 and index["columns"] == [name for name, _ in columns]
    names, front = [name for name, _ in columns], index["columns"][: len(columns)]
    return sorted(front[:equal]) == sorted(names[:equal]) and front[equal:] == names[equal:]


def _candidates(plans: Sequence[Row], known: Sequence[Row]) -> Iterator[tuple[Row, Row, Columns, int, bool]]:
    """
    Each statement with each index that could help it: the table, the columns, how many of these are for equality.

    At last whether the table is read whole now.
    """
    places = {each["table"]: each for each in known if _large(each)}
    for plan in plans:
        for each in wanted(plan["nodes"]):
            if table := places.get(each.table):
                shapes = (shape for shape in _shapes(each, table) if _are_columns(shape[0], table))
                yield from ((plan, table, *shape, _is_whole(each)) for shape in shapes)


def _is_whole(seen: Wanted) -> bool:
    return bool(seen.node["node"] == "Seq Scan")


def _are_columns(columns: Columns, table: Row) -> bool:
    """Not of an older plan, or of the system (ctid)."""
    return {name for name, _ in columns} <= {each["name"] for each in table["columns"]}


def _large(table: Row) -> bool:
    own = table["table"].partition(".")[0] not in MANAGED
    return bool(own and table["rows"] >= triage.LARGE and table["kind"] in INDEXABLE and not table["is_partition"])


def _shapes(seen: Wanted, table: Row) -> Iterator[tuple[Columns, int]]:
    """Columns compared for equality first, the most distinct one in front; then one range, or what is sorted by."""
    equal = tuple((name, "") for name in sorted(seen.equal, key=lambda name: -_distinct(table, name)))
    ranged, joined = tuple((name, "") for name in seen.ranged), tuple((name, "") for name in seen.joined)
    if equal and seen.sort:
        yield _several(equal[: MOST_COLUMNS - 1], seen.sort)
    if equal and ranged:
        yield _several(equal[: MOST_COLUMNS - 1], ranged[:1])
    if equal:
        yield from (_several(equal[:most], ()) for most in range(min(MOST_COLUMNS, len(equal)), 0, -1))
    for each in joined:
        yield _several((*equal[:1], each), seen.sort[:1])
        yield _several((each, *equal[:1]), ())
        yield _several((each,), ())
    for each in ranged:
        yield _several((), (each,))
    if seen.sort:
        yield _several((), seen.sort)


def _several(equal: Columns, rest: Columns) -> tuple[Columns, int]:
    """The columns, each once and not more than an index should have; and how many of them are for equality."""
    first = dict(equal[:MOST_COLUMNS])
    columns = {**first, **{name: order for name, order in rest if name not in first}}
    return tuple(columns.items())[:MOST_COLUMNS], len(first)


def _distinct(table: Row, name: str) -> float:
    """How many different values a column has; PostgreSQL counts many as a share of the rows, below nought."""
    known = float(next((each["distinct"] or 0 for each in table["columns"] if each["name"] == name), 0))
    return known if known >= 0 else -known * float(table["rows"])
