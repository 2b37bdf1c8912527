"""
The statements that count and erase what hangs on a person, composed of the live graph's references.

A row is known by its table and its key. The rows to delete are found by one recursive query, whatever cycles there are,
and everything is deleted and emptied in one statement, since PostgreSQL checks foreign keys at a statement's end. That
holds for RESTRICT too, and needs neither an order of the tables nor deferrable constraints.
"""
# ruff: noqa: S608  (every name is quoted; the person is a parameter)

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from peakops.sources import quoted
from peakops.sources.personal_graph import ROOTS

Reference = Mapping[str, Any]
"""A row of personal_graph.references; a plan holds the same, as plain data."""
ADDRESSES = (
    "select own.email from (select lower(btrim(p.email)) from public.users p where p.id = %(user)s::uuid"
    " union select lower(a.email) from auth.users a where a.id = %(user)s::uuid) own (email)"
    " where not exists (select from public.users o where lower(btrim(o.email)) = own.email and o.id <> %(user)s::uuid)"
    " and not exists (select from auth.users o where lower(o.email) = own.email and o.id <> %(user)s::uuid)"
)
"""
The person's addresses that nobody else has: an invitation to a front desk's address may be a colleague's.

Read where they are needed, so that no plan and no journal holds them.
"""
CHANGED = ("null", "pseudonymise")
Key = tuple[list[str], Mapping[str, str], bool]


class Erasure:
    """What hangs on a person, by references; every statement takes the parameter `user`, and some `pseudonym`."""

    def __init__(self, references: Sequence[Reference]) -> None:
        read = [each for each in references if each.get("readable", True)]
        self.deleted = [each for each in read if each["effect"] == "delete"]
        self.others = [each for each in read if each["effect"] != "delete"]
        """What `counting` counts after the deleted tables."""
        self._changed: dict[str, list[Reference]] = {}
        for each in self.others:
            if each["effect"] in CHANGED:
                self._changed.setdefault(each["table"], []).append(each)
        self._places = {name: n for n, name in enumerate(dict.fromkeys(each["table"] for each in self.deleted))}

    @property
    def tables(self) -> list[str]:
        """The tables of which rows are deleted."""
        return list(self._places)

    @property
    def altered(self) -> list[str]:
        """The tables of which rows stay without the person."""
        return list(self._changed)

    def counting(self) -> str:
        """Rows (place, rows): of each deleted table, of each other reference, and of each altered table."""
        parts = [self._counted(name) for name in self._places]
        named = [(each["table"], self._names(each)) for each in self.others]
        named += [(name, self._whose(name)) for name in self._changed]
        parts += [
            f"select {n}, count(*) from {quoted.table(name)} x where {whose}{self._unless_deleted(name)}"
            for n, (name, whose) in enumerate(named, len(parts))
        ]
        nothing = "select 0, 0 where false"
        return f"{self._with([])} select place, rows from ({_all(parts) or nothing}) counted (place, rows)"

    def _counted(self, name: str) -> str:
        """How many rows of a table are found; without a key several may be found as one."""
        place = self._places[name]
        if self._keys[name][2]:
            return f"select {place}, count(*) from hit where t = {place}"
        return f"select {place}, count(*) from {quoted.table(name)} x where {self._in_hit(name)}"

    def erasing(self) -> str:
        """Delete and empty everything; rows (place, rows): of each deleted table, then of each altered one."""
        parts = [*map(self._delete, self._places), *map(self._update, self._changed)]
        written = [f"w{n} as ({each} returning 1)" for n, each in enumerate(parts)]
        counts = [f"select {n} as place, count(*) as rows from w{n}" for n in range(len(parts))]
        return f"{self._with(written)} {_all(counts) or 'select 0 as place, 0 as rows where false'}"

    def content(self, table: str, columns: Sequence[str]) -> str:
        """These columns of the person's rows of a table."""
        whose = [self._names(each) for each in self.others if each["table"] == table]
        whose += [self._in_hit(table)] if table in self._places else []
        chosen = ", ".join(f"x.{quoted.column(each)}" for each in columns)
        return f"{self._with([])} select {chosen} from {quoted.table(table)} x where {_either(whose)}"

    def _with(self, written: Sequence[str]) -> str:
        return f"with recursive {', '.join([f'hit (t, k) as ({self._hit})', *written])}"

    @property
    def _hit(self) -> str:
        """The rows to delete: those that name the person, and those that refer to one of them, as far as it goes."""
        bases = [self._base(each) for each in self.deleted if _direct(each)]
        edges = [self._edge(each) for each in self.deleted if not _direct(each)]
        base = " union ".join(bases) or "select null::int, null::text[] where false"
        if not edges:
            return base
        return f"({base}) union select n.t, n.k from hit cross join lateral ({_all(edges)}) n"

    def _base(self, each: Reference) -> str:
        name = each["table"]
        return f"select {self._places[name]}, {self._key(name)} from {quoted.table(name)} x where {self._names(each)}"

    def _edge(self, each: Reference) -> str:
        """Rows of a table that refer to a row which was found."""
        name, to = each["table"], each["to"]
        pairs = zip(each["columns"], each["to_columns"], strict=True)
        joined = " and ".join(f"x.{quoted.column(own)} = p.{quoted.column(other)}" for own, other in pairs)
        found = f"hit.t = {self._places[to]} and {self._is('p', 'hit', to)}"
        both = f"{quoted.table(to)} p join {quoted.table(name)} x on {joined}"
        return f"select {self._places[name]} as t, {self._key(name)} as k from {both} where {found}"

    def _delete(self, name: str) -> str:
        found = f"h.t = {self._places[name]} and {self._is('x', 'h', name)}"
        return f"delete from {quoted.table(name)} x using hit h where {found}"

    def _update(self, name: str) -> str:
        """One update a table, since a statement changes a row once: each column where its own reference names them."""
        wanted: dict[str, list[Reference]] = {}
        for each in self._changed[name]:
            for column in each["clears"]:
                wanted.setdefault(column, []).append(each)
        sets = ", ".join(
            f"{quoted.column(column)} = case when {_either([self._names(each) for each in by])}"
            f" then {_value(by[0], column)} else x.{quoted.column(column)} end"
            for column, by in wanted.items()
        )
        return f"update {quoted.table(name)} x set {sets} where {self._whose(name)}{self._unless_deleted(name)}"

    def _whose(self, name: str) -> str:
        """Whether row x of an altered table names the person by any of its references."""
        return _either([self._names(each) for each in self._changed[name]])

    def _names(self, each: Reference) -> str:
        """Whether row x names the person by this reference, or a row of theirs that is deleted."""
        if _direct(each):
            column = f"x.{quoted.column(each['columns'][0])}"
            if each["kind"] == "email":
                return f"lower(btrim({column})) in ({ADDRESSES})"
            return f"{column} = %(user)s::{'text' if each['kind'] == 'text' else 'uuid'}"
        to = each["to"]
        own = ", ".join(f"x.{quoted.column(column)}" for column in each["columns"])
        other = ", ".join(f"p.{quoted.column(column)}" for column in each["to_columns"])
        found = f"h.t = {self._places[to]} and {self._is('p', 'h', to)}"
        return f"({own}) in (select {other} from {quoted.table(to)} p join hit h on {found})"

    def _in_hit(self, name: str) -> str:
        return f"exists (select from hit h where h.t = {self._places[name]} and {self._is('x', 'h', name)})"

    def _unless_deleted(self, name: str) -> str:
        return f" and not {self._in_hit(name)}" if name in self._places else ""

    def _key(self, name: str) -> str:
        return f"array[{', '.join(f'x.{quoted.column(each)}::text' for each in self._keys[name][0])}]"

    def _is(self, alias: str, hit: str, name: str) -> str:
        """Whether a row is the one that was found, compared in the key's own types, so that its index is used."""
        columns, types, keyed = self._keys[name]
        same = "=" if keyed else "is not distinct from"
        return " and ".join(
            f"{alias}.{quoted.column(each)} {same} {hit}.k[{n}]::{quoted.literally(types[each])}"
            for n, each in enumerate(columns, 1)
        )

    @cached_property
    def _keys(self) -> dict[str, Key]:
        """Of each deleted table the columns of its key with their types; without one, all that refers to the person."""
        found: dict[str, Key] = {}
        for each in self.deleted:
            columns, types, _ = found.get(each["table"], ([], {}, True))
            both = list(dict.fromkeys([*columns, *each["key"]]))
            found[each["table"]] = both, {**types, **each["types"]}, each["keyed"]
        return found


def _direct(each: Reference) -> bool:
    """Whether a reference holds the person's id or address itself."""
    return each["to"] is None or (each["to"] in ROOTS and each["to_columns"] == ["id"])


def _value(each: Reference, column: str) -> str:
    return "null" if each["effect"] == "null" else f"%(pseudonym)s::{quoted.literally(each['types'][column])}"


def _either(conditions: Sequence[str]) -> str:
    return f"({' or '.join(conditions)})"


def _all(parts: Sequence[str]) -> str:
    return " union all ".join(parts)
