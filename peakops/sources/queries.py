"""The named SQL files: one question each, with a header that says what it asks."""

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

PLACEHOLDER = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True, kw_only=True)
class Query:
    """A statement and what its header promises."""

    name: str
    says: str
    params: tuple[str, ...]
    reads: tuple[str, ...]
    limit: int | None
    """How many rows it brings at most; None for a query that brings what there is."""
    writes: tuple[str, ...] = ()
    """The tables that it changes; only a writer may run it then."""
    expects: tuple[int, int] = (0, 0)
    """How many rows a write touches, at least and at most; anything else is rolled back."""
    text: str

    @property
    def placeholders(self) -> set[str]:
        return set(PLACEHOLDER.findall(self.text))


def root() -> Traversable:
    """Where sql/ is: inside the package once installed, beside it in a checkout."""
    package = resources.files("peakops")
    packaged = package / "sql"
    if packaged.is_dir():
        return packaged
    beside: Traversable = package.parent / "sql"  # type: ignore[attr-defined]  # a checkout is a real folder
    return beside


@cache
def load(name: str) -> Query:
    """The query of this name: `payment/invoice` is sql/payment/invoice.sql. Raises FileNotFoundError."""
    return parse(name, (root() / f"{name}.sql").read_text("utf-8"))


def parse(name: str, text: str) -> Query:
    """
    Read a statement's header: `-- payment/x: what it asks`, then `-- params:`, `-- reads:` and `-- limit:` lines.

    A write says `-- writes:` and `-- expects:` (1, or 0-1) instead of what it reads.
    Raises ValueError when the header does not name the file or a line of it is missing.
    """
    lines = text.splitlines()
    header = [line.removeprefix("--").strip() for line in lines if line.startswith("--")]
    body = "\n".join(line for line in lines if not line.startswith("--")).strip()
    if not header or not header[0].startswith(f"{name}: "):
        raise ValueError(f"sql/{name}.sql must begin with '-- {name}: what it asks'")
    fields = _fields(header[1:])
    if "reads" not in fields and not {"writes", "expects"} <= fields.keys():
        raise ValueError(f"sql/{name}.sql does not say what it reads, or what it writes and expects")
    least, _, most = fields.get("expects", "0").partition("-")
    return Query(
        name=name,
        says=header[0].removeprefix(f"{name}: "),
        params=tuple(re.findall(r"(\w+) \(", fields.get("params", ""))),
        reads=_tables(fields.get("reads", "")),
        limit=int(fields["limit"]) if "limit" in fields else None,
        writes=_tables(fields.get("writes", "")),
        expects=(int(least), int(most or least)),
        text=body,
    )


FIELD = re.compile(r"(params|reads|limit|writes|expects): (.*)")


def _fields(header: list[str]) -> dict[str, str]:
    """The lines of a header by their name; a line without one goes on with the line before it."""
    fields: dict[str, str] = {}
    name = ""
    for line in header:
        match = FIELD.match(line)
        name = match[1] if match else name
        if name:
            fields[name] = f"{fields.get(name, '')} {match[2] if match else line}".strip()
    return fields


def _tables(text: str) -> tuple[str, ...]:
    """The tables of a header line; remarks in brackets are left out."""
    return tuple(each.strip() for each in re.sub(r"\([^)]*\)", "", text).split(",") if each.strip())
