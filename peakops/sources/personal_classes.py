"""What becomes of each table's rows when a person is erased: the house's classes, and the file of further tables."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from peakops import playbook
from peakops.errors import NotConfigured

CLASSES = ("delete", "pseudonymise", "keep", "auth", "outside")
COLUMN_CLASSES = ("null", "pseudonymise", "keep")
KINDS = ("id", "text", "email")
GROUNDED = ("keep", "pseudonymise")
"""Classes of what stays: the law wants to hear why, and until when."""
TEXTS = ("ground", "until", "others")
KEYS = {"class", "person", "columns", *TEXTS}


@dataclass(frozen=True, kw_only=True)
class TableClass:
    """A table's class, and what its single columns have of their own."""

    name: str = ""
    """One of CLASSES; empty where nobody has classified the table."""
    person: Mapping[str, str] = field(default_factory=dict)
    """Columns that say whose a row is without a foreign key, each with its kind."""
    columns: Mapping[str, str] = field(default_factory=dict)
    ground: str = ""
    until: str = ""
    others: str = ""
    """The ground of single columns that are kept where the table is not."""

    def explains(self, column: str) -> str:
        """Why this column may still name the person afterwards; empty where it may not."""
        if self.columns.get(column) == "keep":
            return self.others
        return self.ground if self.name == "keep" else ""


@dataclass(frozen=True, kw_only=True)
class Classes:
    """The classes by table; `auth.*` stands for what else is in a schema."""

    tables: Mapping[str, TableClass]

    def of(self, table: str) -> TableClass:
        """The class of a table, by its own name or its schema's; one without a name where there is none."""
        wild = f"{table.partition('.')[0]}.*"
        return self.tables.get(table) or self.tables.get(wild) or TableClass()


def read(further: Path | None) -> Classes:
    """The house's classes, and those of the file beside them, which outrank them. Raises NotConfigured."""
    own = {name: _class(table) for name, table in playbook.words("data_classes").items()}
    return Classes(tables={**own, **(_further(further) if further else {})})


def _further(path: Path) -> dict[str, TableClass]:
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as wrong:
        raise _malformed(path, str(wrong)) from None
    for name, table in tables.items():
        if why := _wrong(name, table):
            raise _malformed(path, f"{name}: {why}")
    return {name: _class(table) for name, table in tables.items()}


def _wrong(name: str, table: Any) -> str:
    """What is wrong with a table's entry; empty where nothing is."""
    if "." not in name or not isinstance(table, dict):
        return 'a table is named with its schema, as ["public.surveys"]'
    if unknown := sorted(table.keys() - KEYS):
        return f"{unknown[0]} is no key of it"
    if odd := [key for key in ("class", *TEXTS) if not isinstance(table.get(key, ""), str)]:
        return f"{odd[0]} must be a text"
    if table.get("class") not in CLASSES:
        return f"its class must be one of {', '.join(CLASSES)}"
    if table["class"] in GROUNDED and not (table.get("ground") and table.get("until")):
        return "what stays needs its ground, and until when"
    for key, allowed in (("person", KINDS), ("columns", COLUMN_CLASSES)):
        given = table.get(key, {})
        if not isinstance(given, dict) or any(each not in allowed for each in given.values()):
            return f"{key} must give each column one of {', '.join(allowed)}"
    if "keep" in table.get("columns", {}).values() and not table.get("others"):
        return "columns that are kept need their ground in `others`"
    return ""


def _class(table: Mapping[str, Any]) -> TableClass:
    given = {key: table[key] for key in KEYS - {"class"} if key in table}
    return TableClass(name=table["class"], **given)


def _malformed(path: Path, why: str) -> NotConfigured:
    says = f"The file of PEAKOPS_DATA_CLASSES, {path.name}, cannot be read: {why}."
    hint = "Its form is that of peakops/playbook/data_classes.toml; see docs/settings.md."
    return NotConfigured(says, hint=hint, code="data_classes.malformed")
