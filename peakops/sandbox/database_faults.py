"""What goes wrong at the database, as a world declares it: checked on load, then done to the world's database."""

from typing import TYPE_CHECKING, Any

from peakops.sandbox.catalogue import Catalogue, Table
from peakops.sandbox.refusals import only, refuse, unknown
from peakops.sandbox.tables import quoted

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

NEEDS = {
    "down": (),
    "blind": (),
    "slow": (),
    "deny": ("table",),
    "missing_table": ("table",),
    "missing_column": ("table", "column"),
}
"""What each fault must name; `slow` may name a table."""


def check(entry: dict[str, Any], place: str, catalogue: Catalogue) -> dict[str, Any]:
    """A database fault, checked against the tables. Raises BadInput with the place."""
    fault = entry.get("fault")
    if fault not in NEEDS:
        unknown(f"{place}.fault", "database fault", fault, NEEDS)
    needed = NEEDS[fault]
    only(entry, ("vendor", "fault", *needed, *(("table",) if fault == "slow" else ())), place, "key of this fault")
    for key in needed:
        if key not in entry:
            refuse(f"{place}.{key}", f"is missing; {fault} needs it.")
    table = entry.get("table")
    if table is not None and table not in catalogue:
        unknown(f"{place}.table", "table", table, catalogue)
    if "column" in entry and entry["column"] not in catalogue[entry["table"]].columns:
        unknown(f"{place}.column", "column", entry["column"], catalogue[entry["table"]].columns)
    return entry


def named(faults: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """The faults of one kind."""
    return [entry for entry in faults if entry["fault"] == kind]


def hidden(faults: list[dict[str, Any]], catalogue: Catalogue) -> dict[str, str]:
    """Where a missing table or column has gone, so that a dump still finds it: by `invoices` or `invoices.paid_at`."""
    places: dict[str, str] = {}
    for entry in faults:
        if entry["fault"] == "missing_table":
            places[entry["table"]] = f"sandbox.{quoted(entry['table'])}"
        elif entry["fault"] == "missing_column":
            number = list(catalogue[entry["table"]].columns).index(entry["column"])
            places[f"{entry['table']}.{entry['column']}"] = f"taken away by the world, column {number}"
    return places


def place_of(table: Table, places: dict[str, str]) -> str:
    """The table's present name as SQL writes it."""
    return places.get(table.name, f"{quoted(table.schema)}.{quoted(table.relation)}")


def inflict(connection: "Connection", faults: list[dict[str, Any]], catalogue: Catalogue) -> None:
    """Do to a filled database what the world declares; `down` and `slow` are not in the database itself."""
    places = hidden(faults, catalogue)
    for entry in named(faults, "deny"):
        denied = place_of(catalogue[entry["table"]], {})
        run(connection, f"revoke select on {denied} from peakops_reader")  # noqa: S608 - a name of the catalogue
    if named(faults, "blind"):
        for table in present(connection, catalogue):
            run(connection, f"alter table {place_of(table, {})} enable row level security")
    for entry in named(faults, "missing_column"):
        new = quoted(places[f"{entry['table']}.{entry['column']}"])
        place = place_of(catalogue[entry["table"]], {})
        run(connection, f"alter table {place} rename column {quoted(entry['column'])} to {new}")
    for name in dict.fromkeys(entry["table"] for entry in named(faults, "missing_table")):
        table = catalogue[name]
        if name != table.relation:
            run(connection, f"alter table {place_of(table, {})} rename to {quoted(name)}")
        run(connection, f"alter table {quoted(table.schema)}.{quoted(name)} set schema sandbox")


def present(connection: "Connection", catalogue: Catalogue) -> list[Table]:
    """The tables that the database has; those of `peakops` are not always there."""
    rows = connection.execute("select nspname, relname from pg_class c join pg_namespace n on n.oid = relnamespace")
    there = set(rows.fetchall())
    return [table for table in catalogue.values() if (table.schema, table.relation) in there]


def see_rows(connection: "Connection", faults: list[dict[str, Any]]) -> None:
    """Let the reader see rows that row-level security guards, or not. It is the server's, not the database's."""
    run(connection, f"alter role peakops_reader {'nobypassrls' if named(faults, 'blind') else 'bypassrls'}")


def hold(connection: "Connection", faults: list[dict[str, Any]], catalogue: Catalogue) -> bool:
    """Lock the tables that are slow, until the connection's transaction ends; False if none is."""
    slow = named(faults, "slow")
    if not slow:
        return False
    places = hidden(faults, catalogue)
    tables = [entry.get("table") for entry in slow]
    chosen = [place_of(table, places) for table in catalogue.values() if None in tables or table.name in tables]
    there = connection.execute(
        "select name from unnest(%s::text[]) name where to_regclass(name) is not null", [chosen]
    ).fetchall()
    run(connection, "begin")
    run(connection, f"lock table {', '.join(name for (name,) in there)} in access exclusive mode")
    return True


def run(connection: "Connection", statement: str) -> None:
    """Run a statement that is made of the catalogue's names."""
    connection.execute(statement)
