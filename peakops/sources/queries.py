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

    Raises ValueError when the header does not name the file or a line of it is missing.
    """
    lines = text.splitlines()
    header = [line.removeprefix("--").strip() for line in lines if line.startswith("--")]
    body = "\n".join(line for line in lines if not line.startswith("--")).strip()
    if not header or not header[0].startswith(f"{name}: "):
        raise ValueError(f"sql/{name}.sql must begin with '-- {name}: what it asks'")
    fields = dict(line.split(": ", 1) for line in header[1:] if re.match(r"(params|reads|limit): ", line))
    if "reads" not in fields:
        raise ValueError(f"sql/{name}.sql does not say what it reads")
    return Query(
        name=name,
        says=header[0].removeprefix(f"{name}: "),
        params=tuple(re.findall(r"(\w+) \(", fields.get("params", ""))),
        reads=tuple(each.strip() for each in re.sub(r"\([^)]*\)", "", fields["reads"]).split(",")),
        limit=int(fields["limit"]) if "limit" in fields else None,
        text=body,
    )
