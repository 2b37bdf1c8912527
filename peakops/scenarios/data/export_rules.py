"""What of a person's rows is theirs, what is not, and on which ground it is left out. Pure."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, cached_property, lru_cache
from math import isfinite
from typing import Any

from peakops import playbook
from peakops.model import Row
from peakops.redact import Door
from peakops.scenario import Facts

OWN = ("delete", "auth", "pseudonymise")
"""What becomes of the rows that are the person's own when the person is erased; the others only name the person."""
INTERNAL = "peakops."
"""The schema of the tool's own records: incidents, holds, security actions. Whether there is one is not told."""
PEOPLE = ("public.users", "auth.users")
SOMEBODY = "[another person]"
SAID = ("created_at", "action")
"""What is told, besides its key, of a row that only names the person."""
ABOUT = {"public.audit_logs": "resource_id"}
"""Columns that say whom a row of somebody else's is about, as a text; by them a deletion finds nothing of its own."""
WHAT, PERSON = "resource_type", "user"
"""Where a column of ABOUT holds somebody's id."""
SILENT = ("user.contained", "user.released")
"""Actions that are noted in the portal's log too, and are the tool's own records: a person is not told of them."""
PLATFORM = {
    *("auth", "storage", "realtime", "vault", "extensions", "graphql", "graphql_public", "pgbouncer", "pgsodium"),
    *("supabase_functions", "supabase_migrations", "cron", "net", "peakops"),
}
"""Schemas of Supabase's and the tool's own, whose tables the role that reads is not granted one by one."""
TEXTS = ("text", "character", "json", "uuid", "citext", "xml")
"""How the types begin that may name a person."""
ADDRESS = re.compile(r"[^\s<>\"'(),;:\[\]]+@[^\s<>\"'(),;:\[\]]+\.[^\s<>\"'(),;:\[\]]+")
ANOTHER = "[another person's address]"
CREDENTIALS = ("token", "secret", "password", "hash", "hmac_key", "auth_code", "code_challenge")
"""Parts of the names of columns that hold credentials; the source does not read them either."""
KEYS = (*CREDENTIALS, "authorization_code", "otp_code", "email_otp", "api_key", "apikey", "passwd")
"""Parts of the names of columns, and of keys within JSON, that leave no more."""
LEFT_OUT = "[left out]"
TOKENS = {("auth.refresh_tokens", "parent")}
"""Columns that hold a token, and are not called so."""


def ground(name: str) -> str:
    """The words of a rule."""
    words: str = playbook.words("data")["left_out"][name]
    return words


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table that hangs on a person: by which references, and which of its columns there are."""

    name: str
    references: tuple[Row, ...]
    columns: tuple[Row, ...]
    health: frozenset[str]
    """Names of columns that hold patient content."""

    @property
    def own(self) -> tuple[Row, ...]:
        """The references by which its rows are the person's own."""
        return tuple(each for each in self.references if each["effect"] in OWN or _held_fast(each))

    @property
    def somebody(self) -> set[str]:
        """The columns that hold somebody's id or address."""
        whose = (each for each in self.references if each["to"] in PEOPLE or each["kind"] in ("id", "email"))
        return {each["columns"][0] for each in whose}

    @cached_property
    def left_out(self) -> dict[str, str]:
        """The columns that no row of the person's has, each with the rule that leaves it out."""
        letters = playbook.words("data")["left_out"]["free_text_of"].get(self.name, ())
        rules = {each["column_name"]: self._rule(each, letters) for each in self.columns}
        return {column: rule for column, rule in rules.items() if rule}

    @property
    def closed(self) -> list[str]:
        """The columns of the person's own rows that are no credential, and that the role may not read."""
        return [] if not self.own else [column for column, rule in self.left_out.items() if rule == "closed"]

    def _rule(self, column: Row, letters: Sequence[str]) -> str:
        name = column["column_name"]
        if any(part in name for part in KEYS) or (self.name, name) in TOKENS:
            return "credential"
        if name in self.health:
            return "patient"
        if name in letters:
            return "free_text"
        return "" if column["readable"] else "closed"

    @property
    def keys(self) -> set[str]:
        """The columns of the primary key; none where the table has no such key."""
        return {name for each in self.references if each["keyed"] for name in each["key"]}

    def key(self, row: Row) -> tuple[str, ...]:
        """What tells this row from others of the table."""
        keys = sorted(self.keys & row.keys()) or sorted(row)
        return tuple(str(row[name]) for name in keys)


def _held_fast(reference: Row) -> bool:
    """Whether it says whose a row is, and only a deletion has an obstacle in it."""
    return reference["effect"] == "blocked" and reference["to"] is None and reference["class"] in OWN


def unread(columns: Iterable[Row], references: Iterable[Row]) -> list[str]:
    """The portal's tables that may name the person in a column that the role may not read, and that hang on nobody."""
    hang = {each["table"] for each in references}
    may = (each for each in columns if not each["readable"] and each["type"].startswith(TEXTS))
    names = (each["table_name"] for each in may if each["table_name"].partition(".")[0] not in PLATFORM)
    return [name for name in dict.fromkeys(names) if name not in hang]


def widened(references: Iterable[Row]) -> list[Row]:
    """The references, and those by which another person's row is about this one."""
    known = list(references)
    first = {each["table"]: each for each in reversed(known)}
    also: Row = {"kind": "text", "effect": "keep", "to": None, "to_columns": []}
    about = [{**first[table], **also, "columns": [column]} for table, column in ABOUT.items() if table in first]
    return [*known, *about]


def tables(facts: Facts, references: Iterable[Row], health: Iterable[str]) -> list[Table]:
    """The tables that hold something on the person, or name them, in the order of their names."""
    every, known = list(facts["columns"]), list(references)
    named = facts["residue"] if facts.known("residue") else ()
    held = {each["table"] for each in (*facts["holdings"], *named) if each["rows"]}
    return [
        Table(
            name=name,
            references=tuple(each for each in known if each["table"] == name),
            columns=tuple(each for each in every if each["table_name"] == name),
            health=frozenset(health),
        )
        for name in sorted(held & {each["table"] for each in known})
        if not name.startswith(INTERNAL)
    ]


@dataclass(frozen=True, kw_only=True)
class Mine:
    """Who the export is for: the id and the addresses."""

    id: str
    addresses: frozenset[str]
    """In lower case."""
    health: frozenset[str] = frozenset()
    """Names of fields that hold patient content, wherever they stand."""

    def named_in(self, value: Any) -> bool:
        """Whether a value names the person."""
        text = (value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)).lower()
        return self.id.lower() in text or any(each in text for each in self.addresses)

    def told(self, row: Row, table: Table, *, own: bool) -> Row:
        """What of a row leaves: all that is the person's; of one that only names them its key, and when it was."""
        kept = [name for name in row if name not in table.left_out]
        if own:
            somebody = {*table.somebody, *([ABOUT.get(table.name)] if row.get(WHAT) == PERSON else [])}
            return {name: self._whose(row[name], name in somebody) for name in kept}
        named = {name for each in table.references for name in each["columns"] if self.named_in(row.get(name))}
        return {name: self._clean(row[name]) for name in kept if name in {*SAID, *table.keys, *named}}

    def _whose(self, value: Any, somebody: bool) -> Any:
        return SOMEBODY if somebody and value is not None and not self.named_in(value) else self._clean(value)

    def _clean(self, value: Any) -> Any:
        """A value without secrets and without other people's addresses."""
        if isinstance(value, str):
            return ADDRESS.sub(self._own, _without_secrets(value)) if "@" in value else _without_secrets(value)
        if isinstance(value, Mapping):
            return {str(name): self._keyed(str(name), each) for name, each in value.items()}
        if isinstance(value, list | tuple):
            return [self._clean(each) for each in value]
        if isinstance(value, bytes):
            return f"\\x{value.hex()}"
        plain = isinstance(value, int | bool | datetime | date | None) or (isinstance(value, float) and isfinite(value))
        return value if plain else self._clean(str(value))

    def _keyed(self, name: str, value: Any) -> Any:
        """What stands under a key within JSON: nothing where it is a credential, or a patient's."""
        plain = _plain(name)
        never = plain.endswith("otp") or any(_plain(part) in plain for part in KEYS)
        return LEFT_OUT if never or plain in map(_plain, self.health) else self._clean(value)

    def _own(self, match: re.Match[str]) -> str:
        return match[0] if match[0].lower().rstrip(".") in self.addresses else ANOTHER


@lru_cache(maxsize=4096)
def _without_secrets(text: str) -> str:
    """A text without secrets and control characters; most texts of a log recur."""
    return Door(reveal=True).text(text)


@cache
def _plain(name: str) -> str:
    """A field's name however it is spelt: patient_name is patientName and Patient-Name too."""
    return re.sub(r"[_\s-]", "", name.lower())
