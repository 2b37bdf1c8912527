"""Copies a world's rows into a database, and reads them back as a world."""

import json
import re
from typing import TYPE_CHECKING, Any, NoReturn

from peakops.sandbox.catalogue import Catalogue, Column, Table
from peakops.sandbox.refusals import refuse
from peakops.sandbox.rows import TIMES, Row, Rows

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

LINE = re.compile(r"COPY \S+, line (\d+)(?:, column (\w+))?")
KEY = re.compile(r"Key \((?P<columns>.+?)\)=\((?P<values>.*)\) ")
NOT_VALID = ("22", "23")
"""SQLSTATE classes of a value that does not fit and of a broken constraint; all else is the sandbox's own trouble."""


def quoted(name: str) -> str:
    """A name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def fill(connection: "Connection", loads: list[Rows]) -> None:
    """Copy all rows, parents first, as one transaction. Raises BadInput with the place of a row that does not fit."""
    with connection.transaction():
        for load in loads:
            groups: dict[tuple[str, ...], list[int]] = {}
            for index, row in enumerate(load.rows):
                groups.setdefault(tuple(row), []).append(index)
            for columns, indexes in groups.items():
                copy_group(connection, load, columns, indexes)
            set_counters(connection, load)


def copy_group(connection: "Connection", load: Rows, columns: tuple[str, ...], indexes: list[int]) -> None:
    """Copy the rows that give the same columns; the database fills in the defaults of the others."""
    import psycopg

    names = ", ".join(quoted(column) for column in columns)
    statement = f"copy {quoted(load.table.schema)}.{quoted(load.table.relation)} ({names}) from stdin"
    at = 0
    try:
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            for at in indexes:
                row = load.rows[at]
                copy.write_row([row[column] for column in columns])
    except psycopg.Error as error:
        if error.sqlstate is None or error.sqlstate.startswith(NOT_VALID):
            explain(error, load, indexes, at)
        raise
    except UnicodeEncodeError:
        refuse(f"tables.{load.table.name}[{at}]", "holds a character that is no Unicode text.")


def explain(error: "psycopg.Error", load: Rows, indexes: list[int], at: int) -> NoReturn:
    """Say the database's refusal with the place in the file."""
    place = f"tables.{load.table.name}"
    line = LINE.search(error.diag.context or "")
    key = KEY.match(error.diag.message_detail or "")
    if key is not None and error.sqlstate == "23503":
        index = row_with(load.rows, key["columns"].split(", "), key["values"].split(", "))
        parent = (error.diag.message_detail or "").partition("in table ")[2].strip('".')
        refuse(f"{place}[{index}].{key['columns']}", f"no row of {parent} has the value {key['values']}.")
    if line is None:
        refuse(f"{place}[{at}]", f"{error.diag.message_primary or error}.")
    index = indexes[int(line[1]) - 1]
    if key is not None:
        refuse(f"{place}[{index}].{key['columns']}", f"the value {key['values']} is there already.")
    refuse(f"{place}[{index}]" + (f".{line[2]}" if line[2] else ""), f"{error.diag.message_primary}.")


def row_with(rows: list[Row], columns: list[str], values: list[str]) -> int:
    """The number of the first row with these values; the database writes a UUID in lower case."""
    for index, row in enumerate(rows):
        if [(row.get(column) or "").lower() for column in columns] == [value.lower() for value in values]:
            return index
    return 0


def set_counters(connection: "Connection", load: Rows) -> None:
    """Let the table count on from the last row of the world."""
    for column in load.table.columns.values():
        if column.counted and load.rows:
            last = max(int(row[column.name] or 0) for row in load.rows)
            name = f"{quoted(load.table.schema)}.{quoted(load.table.relation)}"
            connection.execute("select setval(pg_get_serial_sequence(%s, %s), %s)", [name, column.name, max(last, 1)])


def dump(connection: "Connection", catalogue: Catalogue, hidden: dict[str, str]) -> dict[str, list[dict[str, Any]]]:
    """
    The rows of all tables as a world writes them, by primary key; an empty table is left out, but not in `peakops`.

    `hidden` says where a fault has put a table (`invoices`) or a column (`invoices.paid_at`).
    """
    tables: dict[str, list[dict[str, Any]]] = {}
    with connection.transaction():
        for name, table in catalogue.items():
            source = hidden.get(name, f"{quoted(table.schema)}.{quoted(table.relation)}")
            there = connection.execute("select to_regclass(%s) is not null", [source]).fetchone()
            if there is None or not there[0]:
                continue
            rows = read_table(connection, table, source, hidden)
            if rows or table.schema == "peakops":
                tables[name] = rows
    return tables


def read_table(connection: "Connection", table: Table, source: str, hidden: dict[str, str]) -> list[dict[str, Any]]:
    """One table's rows."""
    columns = [column for column in table.columns.values() if not column.generated]
    chosen = ", ".join(f"{quoted(hidden.get(f'{table.name}.{c.name}', c.name))} as {quoted(c.name)}" for c in columns)
    order = ", ".join(quoted(name) for name in table.key if name in {c.name for c in columns})
    statement = f"select row_to_json(r)::text from (select {chosen} from {source}) r order by {order}"  # noqa: S608 - names of the catalogue
    found = connection.execute(statement)
    return [world_row(columns, json.loads(text)) for (text,) in found]


def world_row(columns: list[Column], row: dict[str, Any]) -> dict[str, Any]:
    """One row as a world writes it: times in UTC with a Z, and no nulls where nothing means null."""
    return {
        column.name: world_time(column.type, row[column.name])
        for column in columns
        if row[column.name] is not None or column.has_default
    }


def world_time(kind: str, value: Any) -> Any:
    """A time in the world's writing; any other value as it is."""
    if kind not in TIMES or kind == "date" or not isinstance(value, str) or "T" not in value:
        return value
    return value.removesuffix("+00:00") + "Z"
