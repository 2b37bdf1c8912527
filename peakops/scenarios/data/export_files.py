"""The files of an export: the person's rows table by table, what names them elsewhere, and what was left out. Pure."""

import json
import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from peakops.model import Row
from peakops.scenarios.data.export_rules import INTERNAL, SILENT, Mine, Table, ground

Read = Callable[[str, tuple[Row, ...]], Iterator[Row]]
"""The rows of a table that hang on the person by some of all references."""
WIDTH = 110
"""How wide the lines of the README are."""
INDENT = "    "
README = """\
This folder holds what the Peak Dental Studio Client Portal has stored about you. It was made on {taken_at}.

  data/tables/     what is yours: one file a table, one record a line (JSON)
  data/mentions/   records of the practice that only name you: which they are, and when they were made
  data/schema.json what the columns are, and by what each table was found
  data/contents.json  how many records there are, what was left out and why, and where else you are named

Left out were:
{left_out}
What our providers hold on you (e-mail, payments, shipping, the practice's customer records, logs, backups) is not in
this folder; ask us for it.

The file manifest-sha256.txt has a checksum of each file, by which you can see that nothing was changed on the way.
Keep the folder where nobody else reads it.
"""


@dataclass
class Tally:
    """What was written so far."""

    rows: Counter[str] = field(default_factory=Counter)
    mentions: Counter[str] = field(default_factory=Counter)
    named: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How many rows of a table name the person in a column, whether the column leaves or not."""

    def written(self, tables: Iterable[Table], residue: Iterable[Row]) -> list[Row]:
        """Each table with its rows, columns that may not be read, and where else the person is named, as plain rows."""
        known = list(tables)
        listed = [
            {"what": "table", "table": each.name, "rows": self.rows[each.name], "mentions": self.mentions[each.name]}
            for each in known
        ]
        closed = [{"what": "closed", "table": each.name, "column": name} for each in known for name in each.closed]
        return [*listed, *closed, *self._elsewhere(residue)]

    def _elsewhere(self, residue: Iterable[Row]) -> Iterator[Row]:
        """What the search of every column found beyond what was read here."""
        for each in residue:
            if each["rows"] is None:
                continue
            beyond = each["rows"] - self.named[each["table"], each["column"]]
            if beyond > 0:
                place = {"table": each["table"], "column": each["column"]}
                yield {"what": "elsewhere", **place, "rows": beyond, "ground": each["explained"]}


def files(
    mine: Mine, tables: list[Table], read: Read, residue: list[Row], about: Row, tally: Tally
) -> Iterator[tuple[str, Iterable[bytes]]]:
    """Each file's name, and its lines as they are read; `tally` counts along."""
    for table in tables:
        if table.own:
            yield f"tables/{table.name}.ndjson", _own(mine, table, read, tally)
        if table.own != table.references:
            yield f"mentions/{table.name}.ndjson", _mentions(mine, table, read, tally)
    internal = {"table": f"{INTERNAL}*", "column": None, "rule": "internal", "ground": ground("internal")}
    left_out = [*(each for table in tables for each in _left_out(table)), internal]
    written = [each for each in tally.written(tables, residue) if not each["table"].startswith(INTERNAL)]
    yield "schema.json", _document({"tables": {table.name: _schema(table) for table in tables}})
    yield "contents.json", _document({**about, "left_out": left_out, "written": written})
    yield "README.txt", (README.format(**about, left_out=_grounds(left_out)).encode(),)


def _own(mine: Mine, table: Table, read: Read, tally: Tally) -> Iterator[bytes]:
    for row in read(table.name, table.own):
        tally.rows[table.name] += 1
        _count(mine, table, row, tally)
        yield _line(mine.told(row, table, own=True))


def _mentions(mine: Mine, table: Table, read: Read, tally: Tally) -> Iterator[bytes]:
    """The rows that name the person, but for those that are the person's own."""
    own = {table.key(row) for row in read(table.name, table.own)} if table.own else set()
    for row in read(table.name, table.references):
        if table.key(row) in own:
            continue
        _count(mine, table, row, tally)
        if row.get("action") not in SILENT:
            tally.mentions[table.name] += 1
            yield _line(mine.told(row, table, own=False))


def _count(mine: Mine, table: Table, row: Row, tally: Tally) -> None:
    tally.named.update((table.name, name) for name, value in row.items() if value and mine.named_in(value))


def _left_out(table: Table) -> Iterator[Row]:
    for column, rule in table.left_out.items():
        yield {"table": table.name, "column": column, "rule": rule, "ground": ground(rule)}
    if table.own != table.references:
        yield {"table": table.name, "column": None, "rule": "mention", "ground": ground("mention")}


def _grounds(left_out: Iterable[Row]) -> str:
    """Each ground once, with the places that it holds for, for a person to read."""
    places: dict[str, list[str]] = {}
    for each in left_out:
        place = f"{each['table']}.{each['column']}" if each["column"] else each["table"]
        places.setdefault(each["ground"], []).append(place)
    return "".join(f"  - {why}\n{_wrapped(', '.join(those))}\n" for why, those in places.items())


def _wrapped(text: str) -> str:
    return textwrap.fill(
        f"({text})",
        WIDTH,
        initial_indent=INDENT,
        subsequent_indent=INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _schema(table: Table) -> Mapping[str, Any]:
    columns = [
        {"name": each["column_name"], "type": each["type"]}
        for each in table.columns
        if each["column_name"] not in table.left_out
    ]
    names = ("columns", "kind", "to", "to_columns", "effect")
    return {"columns": columns, "found_by": [{name: each[name] for name in names} for each in table.references]}


def _document(value: Any) -> Iterable[bytes]:
    return (json.dumps(value, indent=2, ensure_ascii=False, default=_plain).encode() + b"\n",)


def _line(row: Row) -> bytes:
    return json.dumps(row, ensure_ascii=False, default=_plain).encode() + b"\n"


def _plain(value: Any) -> str:
    """Times in ISO 8601 and UTC; what else JSON has no word for as its text."""
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) and value.tzinfo else str(value)
