"""Checks a world's rows against the tables and writes every value the way PostgreSQL's COPY reads it."""

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any

from peakops.sandbox import times
from peakops.sandbox.catalogue import Catalogue, Column, Table
from peakops.sandbox.refusals import listing, mapping, refuse, unknown

Row = dict[str, str | None]
"""One row as COPY text, by column."""

WHOLE = {"smallint", "integer", "bigint"}
NUMBERS = {*WHOLE, "numeric", "real", "double precision"}
ENDLESS = {"infinity", "-infinity"}
TIMES = {"timestamp with time zone", "timestamp without time zone", "date"}


@dataclass(frozen=True)
class Rows:
    """A table's rows, in the order of the file."""

    table: Table
    rows: list[Row]


def check(tables: object, catalogue: Catalogue, now: datetime) -> list[Rows]:
    """The rows of all tables of a world, parents first. Raises BadInput with the place of what does not fit."""
    named = mapping(tables, "tables")
    for name in named:
        if name not in catalogue:
            unknown(f"tables.{name}", "table", name, catalogue)
    return [check_table(catalogue[name], named[name], now) for name in catalogue if name in named]


def check_table(table: Table, entries: object, now: datetime) -> Rows:
    """The rows of one table, with ids filled in where the table would count or draw them."""
    place = f"tables.{table.name}"
    rows = [
        check_row(table, mapping(entry, f"{place}[{index}]"), f"{place}[{index}]", now)
        for index, entry in enumerate(listing(entries, place))
    ]
    for column in table.columns.values():
        if column.counted:
            fill_counted(column.name, rows)
        elif column.drawn:
            fill_drawn(table.name, column.name, rows)
    return Rows(table, rows)


def check_row(table: Table, entry: dict[str, Any], place: str, now: datetime) -> Row:
    """One row; every column is known and writable, and none that must be there is missing."""
    row: Row = {}
    for name, value in entry.items():
        column = table.columns.get(name)
        if column is None:
            unknown(f"{place}.{name}", "column", name, table.columns)
        if column.generated:
            refuse(f"{place}.{name}", "the database computes this column; leave it out.")
        row[name] = text_of(column, value, f"{place}.{name}", now)
    for column in table.columns.values():
        given = column.name in row
        if column.not_null and (row[column.name] is None if given else not column.has_default):
            refuse(f"{place}.{column.name}", "must have a value." if given else "is missing.")
    return row


def text_of(column: Column, value: object, place: str, now: datetime) -> str | None:
    """The value as COPY reads it."""
    if value is None:
        return "null" if column.not_null and column.type in ("json", "jsonb") else None
    if column.type in ("json", "jsonb"):
        return json.dumps(value)
    if column.type == "boolean":
        return str(value) if isinstance(value, bool) else refuse(place, "must be true or false.")
    if column.type in NUMBERS:
        fits = isinstance(value, int if column.type in WHOLE else int | float) and not isinstance(value, bool)
        return str(value) if fits else refuse(place, f"must be a number ({column.type}).")
    if not isinstance(value, str):
        refuse(place, f"must be a string ({column.type}).")
    if column.type in TIMES and value not in ENDLESS:
        return time_of(column.type, value, place, now)
    return value


def time_of(kind: str, value: str, place: str, now: datetime) -> str:
    """A time column's value: relative ones are said from the world's now, all are written in UTC."""
    at = times.moment(value, now)
    if at is None:
        refuse(place, f"is no time: {value!r}. Write 2026-11-20T15:00:00Z, or -2h or +3d from the world's now.")
    at = at.astimezone(UTC)
    return at.date().isoformat() if kind == "date" else at.isoformat()


def fill_counted(name: str, rows: list[Row]) -> None:
    """Number the rows that have no number, in the order of the file, above those that have one."""
    numbers = count(1 + max((int(row[name] or 0) for row in rows if name in row), default=0))
    for row in rows:
        if name not in row:
            row[name] = str(next(numbers))


def fill_drawn(table: str, name: str, rows: list[Row]) -> None:
    """Give ids to rows without one: the same file gets the same ids every time, so that goldens stand still."""
    for index, row in enumerate(rows):
        if name not in row:
            row[name] = str(uuid.uuid5(uuid.NAMESPACE_URL, f"peakops:world:{table}[{index}].{name}"))
