"""How tables hang on a person: the foreign keys, what refers without one, and what becomes of each."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from peakops.sources.personal_classes import Classes

USERS, ACCOUNTS = "public.users", "auth.users"
ROOTS = (USERS, ACCOUNTS)
"""The rows that are the person: both have the person's id."""
ACTIONS = {"a": "no action", "r": "restrict", "c": "cascade", "n": "set null", "d": "set default"}
STORED = ("r", "p")
"""The kinds of relations that rows are deleted from: tables, also partitioned ones."""
STAYS = ("no action", "restrict")
"""What a foreign key does with whose row goes, where it does not let it go."""
Row = Mapping[str, Any]


@dataclass
class Table:
    """A table: its columns' types, which of them may be emptied or read, and its key."""

    types: dict[str, str] = field(default_factory=dict)
    clearable: set[str] = field(default_factory=set)
    readable: set[str] = field(default_factory=set)
    places: dict[str, int] = field(default_factory=dict)

    @property
    def key(self) -> list[str]:
        return sorted(self.places, key=lambda each: self.places[each])


def tables(columns: Iterable[Row]) -> dict[str, Table]:
    """The tables out of the catalogue's columns."""
    found: dict[str, Table] = {}
    for each in columns:
        if each["kind"] not in STORED:
            continue
        table, name = found.setdefault(each["table_name"], Table()), each["column_name"]
        table.types[name] = each["type"]
        table.clearable |= {name} if each["clearable"] else set()
        table.readable |= {name} if each["readable"] else set()
        if each["place"] >= 0:
            table.places[name] = each["place"]
    return found


def references(columns: Iterable[Row], keys: Sequence[Row], classes: Classes) -> list[dict[str, Any]]:
    """
    Everything that refers to a person, each with its `effect`, the person's own rows first.

    Followed from the person's rows along the foreign keys as far as rows are deleted: what refers to a row that stays
    stays too.
    """
    known = tables(columns)
    graph = _Graph(known, keys, classes)
    found = [graph.soft(name, column, kind) for name, column, kind in _persons(known, classes)]
    reached = [*ROOTS, *(each["table"] for each in found if each["effect"] == "delete" and each["table"] not in ROOTS)]
    done: set[str] = set()
    while reached:
        name = reached.pop(0)
        if name in done:
            continue
        done.add(name)
        edges = [graph.hard(each) for each in graph.to.get(name, ())]
        found += edges
        reached += [each["table"] for each in edges if each["effect"] == "delete"]
    return found


def _persons(known: Mapping[str, Table], classes: Classes) -> list[tuple[str, str, str]]:
    """The columns that say whose a row is without a foreign key, where they are there; the person's own rows first."""
    ordered = [*ROOTS, *sorted(known.keys() - set(ROOTS))]
    return [
        (name, column, kind)
        for name in ordered
        if name in known
        for column, kind in classes.of(name).person.items()
        if column in known[name].types
    ]


def _stays(key: Row) -> str:
    """Why rows that are somebody else's to delete stand in the way; empty where they do not."""
    if not key["to_table"].startswith("auth."):
        return "its class leaves it to another system, and what it refers to is deleted"
    stays = ACTIONS[key["on_delete"]] in STAYS
    return (
        f"Supabase Auth cannot delete an account that it refers to (on delete {ACTIONS[key['on_delete']]})"
        if stays
        else ""
    )


class _Graph:
    def __init__(self, known: Mapping[str, Table], keys: Sequence[Row], classes: Classes) -> None:
        self._known, self._classes = known, classes
        self.to: dict[str, list[Row]] = {}
        for each in keys:
            if each["table_name"] in known and each["to_table"] in known:
                self.to.setdefault(each["to_table"], []).append(each)
        self._referred = {(each["to_table"], column) for each in keys for column in each["to_columns"]}
        self._uses = Counter((each["table_name"], column) for each in keys for column in each["columns"])

    def soft(self, table: str, column: str, kind: str) -> dict[str, Any]:
        """A column that names the person without a foreign key."""
        given = self._classes.of(table)
        effect = given.columns.get(column) or given.name
        firm = effect == "pseudonymise" and self._uses[table, column] > 0
        why = f"{column} has a foreign key, which no pseudonym satisfies" if firm else ""
        own = {"columns": [column], "kind": kind, "to": None, "to_columns": [], "on_delete": None, "clears": [column]}
        return self._row(table, own, "blocked" if why else effect, why)

    def hard(self, key: Row) -> dict[str, Any]:
        """A foreign key to a table of which rows are deleted."""
        table, columns = key["table_name"], key["columns"]
        clears, why = self._clears(key)
        own = {
            "columns": list(columns),
            "kind": "foreign_key",
            "to": key["to_table"],
            "to_columns": list(key["to_columns"]),
            "on_delete": ACTIONS[key["on_delete"]],
            "clears": clears,
        }
        effect = self._effect(key)
        if effect == "null" and why:
            return self._row(table, own, "blocked", why)
        if key["to_table"] == ACCOUNTS and key["to_columns"] != ["id"] and effect != "auth":
            return self._row(table, own, "blocked", "it refers to an account by another column than the id")
        if effect in ("auth", "outside") and (stays := _stays(key)):
            return self._row(table, own, "blocked", stays)
        return self._row(table, own, effect, "")

    def _effect(self, key: Row) -> str:
        given = self._classes.of(key["table_name"])
        by_column = {given.columns[each] for each in key["columns"] if each in given.columns}
        if "null" in by_column or given.name in ("keep", "pseudonymise"):
            return "null"
        return given.name or "unclassified"

    def _clears(self, key: Row) -> tuple[list[str], str]:
        """
        The columns that are emptied so that the reference ends, and why that cannot be done.

        One empty column is enough, unless the key is MATCH FULL; a column that belongs to another reference too, such
        as the practice's, is left where another one can be emptied.
        """
        table, columns = self._known[key["table_name"]], key["columns"]
        may = [each for each in columns if each in table.clearable and (key["table_name"], each) not in self._referred]
        if not may or (key["full_match"] and len(may) < len(columns)):
            return [], f"{', '.join(columns)} cannot be emptied"
        own = [each for each in may if self._classes.of(key["table_name"]).columns.get(each) == "null"]
        alone = [each for each in may if self._uses[key["table_name"], each] == 1]
        return (may if key["full_match"] else own or (alone or may)[-1:]), ""

    def _row(self, table: str, own: Row, effect: str, why: str) -> dict[str, Any]:
        known, given = self._known[table], self._classes.of(table)
        key = known.key or sorted({*own["columns"]})
        needed = {*own["columns"], *(key if effect == "delete" else ())}
        return {
            "table": table,
            **own,
            "effect": effect or "unclassified",
            "why": why,
            "class": given.name or None,
            "ground": given.ground or None,
            "until": given.until or None,
            "key": key,
            "types": {each: known.types[each] for each in dict.fromkeys([*key, *own["columns"]])},
            "keyed": bool(known.key),
            "readable": needed <= known.readable,
        }
