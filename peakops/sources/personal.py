"""What the database holds on a person: found by its live foreign keys and what refers without one, and searched for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from peakops.errors import TimedOut
from peakops.model import Brought
from peakops.settings import Settings
from peakops.sources import personal_classes, personal_graph, personal_residue, pseudonyms
from peakops.sources.database import Database
from peakops.sources.erasure import CHANGED, Erasure
from peakops.sources.queries import Query

SHARED = "Somebody else has an address of the person too: it was not searched for, and what it alone names stays."
SCAN_SHARE = 0.6
"""Of the time that is left, what the search of all columns may take."""
COUNT_MS = 12_000
"""What counting along all foreign keys may take: some may have no index."""
SCAN_MS = 10_000
"""And at most: it is about 200 MB of text a second."""
NEVER_LEAVES = ("token", "secret", "password", "hash", "hmac_key", "auth_code", "code_challenge")
"""Parts of the names of columns that hold credentials: nobody's export has them."""


class Personal(Database):
    """The looks at what hangs on a person; all of them READ ONLY, and no row's content but in `content`."""

    def __init__(self, settings: Settings, *, deadline: float) -> None:
        super().__init__(settings.database_url, ca=settings.database_ca, now=settings.now(), deadline=deadline)
        self._settings = settings

    def person(self, *, ways: Sequence[tuple[str, Mapping[str, Any]]]) -> Brought:
        """As `find`; of somebody who is not there, the deletion that the log knows of this id or address."""
        found = self.find(ways=ways)
        if found.rows or not self._settings.pseudonym_key or not self._has_team_schema:
            return found
        given = [value for _, each in ways for value in each.values() if value]
        names = list(dict.fromkeys(name for each in given for name in (each if isinstance(each, list) else [each])))
        deletions = self._erased(names)
        if not deletions:
            return found
        id = next((value for _, each in ways for key, value in each.items() if key == "id"), None)
        gone = {"id": id, "email": None, "given": None if id else names[0], "by_mask": False}
        row = {**gone, "has_account": False, "has_profile": False, "practice": None}
        return Brought(rows=(row,), single=True, asked=f"{found.asked}, sql/data/erased.sql")

    def erased(self, *, id: str | None) -> Brought:
        """The deletions of a person that the log knows, by the pseudonym of the id."""
        if not id or not self._settings.pseudonym_key or not self._has_team_schema:
            return Brought(asked="sql/data/erased.sql")
        return Brought(rows=tuple(self._erased([id])), asked="sql/data/erased.sql")

    def _erased(self, named: Sequence[str]) -> list[dict[str, Any]]:
        made = [pseudonyms.digest(self._settings.pseudonym_key, str(each)) for each in named]
        return [dict(each) for each in self.rows("data/erased", pseudonyms=made).rows]

    def readiness(self) -> Brought:
        """What a deletion needs besides the data: the key of the pseudonyms, and the team's schema for its log."""
        row = {"pseudonyms": bool(self._settings.pseudonym_key), "schema": self._has_team_schema}
        return Brought(rows=(row,), single=True, asked=pseudonyms.SETTING)

    def references(self) -> Brought:
        """
        Everything that refers to a person, with what becomes of it when the person is erased.

        Raises NotConfigured for a file of classes that cannot be read.
        """
        classes = personal_classes.read(self._settings.data_classes)
        keys = self.rows("data/references").rows
        found = personal_graph.references(self._columns, keys, classes)
        return Brought(rows=tuple(found), asked="sql/data/references.sql")

    def holdings(self, *, id: str | None, references: Sequence[Mapping[str, Any]]) -> Brought:
        """How many rows hang on a person by each of these references; those without any are left out."""
        erasure = Erasure(references)
        if id is None or not references:
            return Brought(asked="the live foreign keys")
        counted = {each["place"]: each["rows"] for each in self._asked("holdings", erasure.counting(), user=id)}
        tables, others = len(erasure.tables), len(erasure.others)
        together = {name: counted[tables + others + n] for n, name in enumerate(erasure.altered)}
        deleted = [
            _holding([each for each in erasure.deleted if each["table"] == name], counted[place], {})
            for place, name in enumerate(erasure.tables)
        ]
        others_ = [_holding([each], counted[tables + place], together) for place, each in enumerate(erasure.others)]
        hidden = [_holding([each], None, {}) for each in references if not each["readable"]]
        rows = [each for each in (*deleted, *others_, *hidden) if each["rows"] != 0]
        return Brought(rows=tuple(rows), asked="the live foreign keys")

    def residue(self, *, id: str | None, emails: Sequence[str]) -> Brought:
        """
        Every text, JSON and UUID column of any table that names the person, with how many rows, and why it may.

        Tables that the time did not suffice for have `rows` None; columns that the role may not read are in a note.
        """
        if id is None and not emails:
            return Brought(asked="every text and JSON column")
        passes, hidden = personal_residue.passes(self._columns)
        shared = {each["email"] for each in self.rows("data/shared", id=id, emails=list(emails)).rows}
        own = [each for each in emails if each not in shared]
        needles = personal_residue.patterns([*([str(id)] if id else []), *own])
        whole = personal_residue.whole(id, own)
        ends = min(self._left_ms() * SCAN_SHARE, SCAN_MS)
        found: list[dict[str, Any]] = []
        start = self._left_ms()
        for each in passes:
            left = round(ends - (start - self._left_ms()))
            counted = self._looked_through(each, left, id=id, patterns=needles, whole=whole)
            found += self._found(each, counted)
        places = ", ".join(dict.fromkeys(each.rpartition(".")[0] for each in hidden))
        unread = f"Not looked at, since the role may not read them: {len(hidden)} columns of {places}."
        notes = (*([unread] if hidden else ()), *([SHARED] if shared else ()))
        return Brought(rows=tuple(found), asked="every text and JSON column", notes=notes)

    def _looked_through(self, each: personal_residue.Pass, left: int, **params: Any) -> dict[str, Any] | None:
        """The counts of one pass; None where the time was up."""
        if left <= 0:
            return None
        try:
            return self._asked("residue", each.text, milliseconds=left, **params)[0]
        except TimedOut:
            return None

    def _found(self, each: personal_residue.Pass, counted: Mapping[str, Any] | None) -> list[dict[str, Any]]:
        if counted is None:
            return [{"table": each.table, "column": None, "rows": None, "class": None, "explained": None}]
        given = self._classes.of(each.table)
        return [
            {
                "table": each.table,
                "column": column,
                "rows": counted[f"c{n}"],
                "class": given.name or None,
                "explained": given.explains(column) or None,
            }
            for n, column in enumerate(each.columns)
            if counted[f"c{n}"]
        ]

    def content(self, id: str, references: Sequence[Mapping[str, Any]], table: str) -> Iterator[dict[str, Any]]:
        """The person's rows of a table, one by one, with the columns that the role may read and that may leave."""
        health = set(self._settings.health_fields)
        columns = [
            each["column_name"]
            for each in self._columns
            if each["table_name"] == table
            and each["readable"]
            and each["column_name"] not in health
            and not any(part in each["column_name"] for part in NEVER_LEAVES)
        ]
        if columns:
            yield from self._asked("content", Erasure(references).content(table, columns), user=id)

    def present(self, *, pseudonyms_of: Sequence[str], ids: Sequence[str]) -> Brought:
        """Who of the people that are there now has one of these pseudonyms, or is named by id in a journal."""
        key, wanted, named = self._settings.pseudonym_key, set(pseudonyms_of), set(ids)
        rows = []
        for each in self.rows("data/people").rows if wanted or named else ():
            id = str(each["id"])
            made = pseudonyms.digest(key, id) if key else ""
            if made in wanted or id in named:
                rows.append({"id": id, "pseudonym": made})
        return Brought(rows=tuple(rows), asked="sql/data/people.sql")

    def deletions(self, *, since: Any, until: Any) -> Brought:
        """The log of deletions in the database, and whether each was noted under the present key."""
        if not self._has_team_schema:
            return Brought(asked="sql/data/deletions.sql")
        brought, key = self.rows("data/deletions", since=since, until=until), self._settings.pseudonym_key
        own = pseudonyms.mark(key)
        rows = [{**each, "key": own is not None and each["key"] in (None, own)} for each in brought.rows]
        return replace(brought, rows=tuple(rows))

    @cached_property
    def _columns(self) -> tuple[Mapping[str, Any], ...]:
        return self.rows("data/columns").rows

    @cached_property
    def _classes(self) -> personal_classes.Classes:
        return personal_classes.read(self._settings.data_classes)

    def _asked(self, name: str, statement: str, milliseconds: int = COUNT_MS, **params: Any) -> list[dict[str, Any]]:
        """The rows of a statement that was composed, under the rules of every query."""
        named = Query(name=f"erasure/{name}", says="", params=(), reads=(), limit=None, text=statement)
        with self._turn:
            return self._within(named, params, milliseconds)


def _holding(references: Sequence[Mapping[str, Any]], rows: int | None, together: Mapping[str, int]) -> dict[str, Any]:
    """
    A line of what is held: a table, by which columns it hangs on the person, and what becomes of the rows.

    `together` is how many rows of it are altered, by whichever column they name the person.
    """
    first = references[0]
    return {
        "table": first["table"],
        "columns": list(dict.fromkeys(", ".join(each["columns"]) for each in references)),
        "kind": first["kind"],
        "effect": first["effect"],
        "rows": rows,
        "together": together.get(first["table"]) if first["effect"] in CHANGED else None,
        "ground": first["ground"],
        "until": first["until"],
        "why": first["why"] or None,
    }
