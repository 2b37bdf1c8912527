"""The search of every text and JSON column for what names a person: one pass a table."""
# ruff: noqa: S608  (every name is quoted; what is looked for is a parameter)

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from peakops.sources import quoted

STRINGS = "S"
"""The catalogue's category of texts: `citext` is one in whatever schema it lies, and so is a domain over a text."""
TEXTS = ("json", "xml", "text", "citext", "character", "name", "tsvector", "hstore")
"""How other types begin, without their schema, that may hold an id or an address among other things; arrays too."""
BEFORE, AFTER = r"(^|[^[:alnum:]._%+-]|\\[nrt])", r"($|[^[:alnum:].-]|\.([^[:alnum:]]|$))"
"""What stands around a whole address, so that anna@x is not found in joanna@x: as in sql/data/audit.sql."""
SPECIAL, LITERAL = r"([].*+?(){}^$|\\[])", r"\\\1"


@dataclass(frozen=True, kw_only=True)
class Pass:
    """What is looked through in one pass of a table."""

    table: str
    columns: tuple[str, ...]
    size: int
    text: str
    """The statement, whose parameters are `id`, `patterns` and `whole`; a number a column."""


def passes(columns: Iterable[Mapping[str, Any]]) -> tuple[list[Pass], list[str]]:
    """A pass for each table that may be read, the small ones first; and the columns that may not."""
    read: dict[str, dict[str, str]] = defaultdict(dict)
    sizes: dict[str, int] = {}
    hidden = []
    for each in columns:
        table, name = each["table_name"], each["column_name"]
        named = _named(name, each["type"], each["category"])
        if named is None:
            continue
        if not each["readable"]:
            hidden.append(f"{table}.{name}")
            continue
        sizes[table] = each["size"]
        read[table][name] = named
    found = [
        Pass(table=table, columns=tuple(named), size=sizes[table], text=_statement(table, named))
        for table, named in read.items()
    ]
    return sorted(found, key=lambda each: each.size), hidden


def _named(column: str, type: str, category: str) -> str | None:
    """The condition under which a column names the person; None for a type that cannot."""
    name = quoted.column(column)
    if type == "uuid":
        return f"x.{name} = %(id)s::uuid"
    if category == STRINGS or type.rpartition(".")[2].startswith(TEXTS) or type == "uuid[]":
        text = f"lower(x.{name}::text)"
        return f"{text} like any(%(patterns)s::text[]) and {text} ~ any(%(whole)s::text[])"
    return None


def _statement(table: str, named: Mapping[str, str]) -> str:
    counts = [f"count(*) filter (where {each}) as c{n}" for n, each in enumerate(named.values())]
    return f"select {', '.join(counts)} from {quoted.table(table)} x"


def whole(id: str | None, emails: Iterable[str]) -> list[str]:
    """The id, and each address, as it is in lower case, as a whole one: regular expressions of PostgreSQL."""
    found = [f"{BEFORE}{re.sub(SPECIAL, LITERAL, each)}{AFTER}" for each in emails if each]
    return [*([str(id).lower()] if id else []), *found]


def patterns(named: Iterable[str]) -> list[str]:
    """What is looked for, as it is in lower case, as patterns of LIKE in which nothing but the ends is open."""
    escaped = [each.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_") for each in named]
    return [f"%{each}%" for each in escaped if each]
