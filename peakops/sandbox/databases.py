"""Builds the world's database: one template per cluster, and for each world a copy of it that is filled."""

from importlib.resources import files
from typing import TYPE_CHECKING, Any, LiteralString
from urllib.parse import quote

from peakops.sandbox import catalogue, database_faults, state, tables
from peakops.sandbox.postgres import Cluster
from peakops.sandbox.rows import Rows
from peakops.sandbox.world import World

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

TEMPLATE = "template_portal"
ROLES = (
    "create role peakops_reader login bypassrls",
    "create role peakops_writer login bypassrls",
    "create role anon nologin noinherit",
    "create role authenticated nologin noinherit",
    "create role peakops_perf login bypassrls in role peakops_reader, pg_monitor, anon, authenticated",
)


def schema(name: str) -> LiteralString:
    """A file of schema/, as SQL."""
    return files("peakops.sandbox").joinpath("schema", f"{name}.sql").read_text(encoding="utf-8")


def build_template(cluster: Cluster) -> None:
    """Make the roles, and the empty portal that each world is copied from."""
    with cluster.connect("postgres") as connection:
        for statement in ROLES:
            connection.execute(statement)
        connection.execute(f"create database {TEMPLATE}")
    with cluster.connect(TEMPLATE) as connection:
        connection.execute(schema("auth") + schema("portal") + schema("roles"))


def read_catalogue(cluster: Cluster) -> catalogue.Catalogue:
    """The tables that a world can fill; those of `peakops` are made for a look and taken back."""
    import psycopg

    with cluster.connect(TEMPLATE) as connection, connection.transaction():
        connection.execute(schema("peakops"))
        found = catalogue.read(connection)
        raise psycopg.Rollback
    return found


def make(cluster: Cluster, name: str, world: World, loads: list[Rows], known: catalogue.Catalogue) -> None:
    """A database with the world in it, faults and all. Raises BadInput if a row does not fit; then there is none."""
    with cluster.connect("postgres") as connection:
        drop(connection, name)
        # The other strategy writes the copy to the log as well, and takes twice as long.
        execute(connection, f"create database {name} template {TEMPLATE} strategy file_copy")
        execute(connection, f"grant create on database {name} to peakops_writer")
    try:
        with cluster.connect(name) as connection:
            if needs_team_schema(world, loads):
                connection.execute("set role peakops_writer")
                connection.execute(schema("peakops"))
                connection.execute("reset role")
            set_clock(connection, world)
            tables.fill(connection, loads)
            database_faults.inflict(connection, world.database_faults, known)
            analyze(connection)
    except BaseException:
        with cluster.connect("postgres") as connection:
            drop(connection, name)
        raise


def needs_team_schema(world: World, loads: list[Rows]) -> bool:
    """Whether the world names a table of schema `peakops`."""
    named = [load.table.name for load in loads] + [str(fault.get("table")) for fault in world.database_faults]
    return any(name.startswith("peakops.") for name in named)


def analyze(connection: "Connection") -> None:
    """Count the world's rows for the planner, and for who asks it; PostgreSQL's own tables took ten times as long."""
    named = connection.execute(
        "select string_agg(format('%I.%I', schemaname, tablename), ', ') from pg_tables"
        " where schemaname not in ('pg_catalog', 'information_schema')"
    ).fetchone()
    if named and named[0]:
        execute(connection, f"analyze {named[0]}")


def set_clock(connection: "Connection", world: World) -> None:
    """Let the defaults of the columns take the world's now, and run on with it."""
    connection.execute("delete from sandbox.clock")
    if world.now is not None:
        connection.execute("insert into sandbox.clock values (%s, to_timestamp(%s))", [world.now, world.since])


def drop(connection: "Connection", name: str) -> None:
    """Drop a database, whoever is connected to it."""
    execute(connection, f"drop database if exists {name} with (force)")


def drop_others(cluster: Cluster, keep: str) -> None:
    """Drop the databases of earlier worlds and of loads that did not end."""
    with cluster.connect("postgres") as connection:
        others = connection.execute(
            "select datname from pg_database where datname like 'world\\_%%' and datname <> %s", [keep]
        ).fetchall()
        for (name,) in others:
            drop(connection, name)


def exists(cluster: Cluster, name: str) -> bool:
    """Whether the cluster has this database."""
    with cluster.connect("postgres") as connection:
        return bool(connection.execute("select from pg_database where datname = %s", [name]).fetchall())


def url(cluster: Cluster, name: str, world: World) -> str:
    """The reader's address; a database that is down has one where nothing listens."""
    down = database_faults.named(world.database_faults, "down")
    place = cluster.folder / "down" if down else cluster.sockets
    return f"postgresql://peakops_reader@/{name}?host={quote(str(place), safe='/')}&port=5432"


def refuse_connections(cluster: Cluster) -> None:
    """Leave a socket that nothing listens at: a client is told `connection refused`."""
    import socket

    path = cluster.folder / "down" / state.SOCKET_NAME
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as nobody:
        nobody.bind(str(path))


def execute(connection: "Connection", statement: str) -> None:
    """Run a statement that is made of our own names."""
    connection.execute(statement)
