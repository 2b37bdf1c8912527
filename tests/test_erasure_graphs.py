"""An erasure of random databases: no violation, the counts of the preview, and the rest as it was."""

import random
import threading
import time
from datetime import UTC, datetime

import psycopg
import pytest

from peakops.errors import Changed, PeakopsError
from peakops.model import Evidence
from peakops.scenario import Facts
from peakops.scenarios.data import erasing
from peakops.settings import Settings
from peakops.sources.database_writer import DatabaseWriter
from peakops.sources.personal import Personal

from .erasure_graphs import ANNA, BEN, SCHEMA, Graph, connected, portal_with

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
GRAPHS = 30
PSEUDONYM = "00000000-0000-8000-8000-00000000000f"


@pytest.fixture(scope="module")
def base(portal):
    """A connection to the portal's database, where the tables of the seeds come and go."""
    with connected(portal) as connection:
        yield connection
        connection.execute(f"drop schema if exists {SCHEMA} cascade")
        # Other files share this database, and it is empty for them.
        connection.execute("truncate public.users, public.audit_logs cascade")


@pytest.fixture
def planned(base, portal, tmp_path):
    """The plan of an erasure of Anna in a graph's database, as `data delete` makes it, and what writes it."""

    def planned(graph):
        portal_with(base, graph)
        file = tmp_path / "classes.toml"
        file.write_text(graph.classes())
        settings = Settings(
            environment="test", database_url=portal, data_classes=file, pseudonym_key="k" * 32, clock=NOW
        )
        personal = Personal(settings, deadline=time.monotonic() + 60)
        references = personal.references().rows
        held = personal.holdings(id=str(ANNA), references=references).rows
        facts = facts_of(references, held, personal.rows("data/audit", user=str(ANNA)).rows)
        actions = erasing.transaction(facts, delete_audit=False)
        writer = DatabaseWriter(portal, ca=None, now=NOW, deadline=time.monotonic() + 60)
        statements = [(each.call, {**each.params, "pseudonym": PSEUDONYM}) for each in actions]
        return facts, lambda: writer.commit(statements)

    return planned


def facts_of(references, holdings, audit):
    looks = {"person": ({"id": ANNA},), "references": references, "holdings": holdings, "audit": audit}
    return Facts(
        tuple(
            Evidence(name=name, source="personal", asked="", at=NOW, rows=tuple(rows), single=name == "person")
            for name, rows in looks.items()
        )
    )


@pytest.mark.parametrize("number", range(GRAPHS))
def test_a_random_graph(number, planned, base, record_property):
    """Cycles, self references, composite keys, partitions, every ON DELETE: the oracle's rows are left, no others."""
    seed = random.randrange(10**9)
    record_property("seed", seed)
    graph = Graph(seed)
    facts, write = planned(graph)
    left, gone, cleared = graph.expected()
    told = {each["table"]: each["rows"] for each in facts["holdings"] if each["effect"] == "delete"}
    emptied = {table: rows for table, (rows, _) in erasing.cleared(facts).items()}

    write()

    assert left == graph.there(base), seed
    assert {name: rows for name, rows in gone.items() if rows} == {
        name: rows for name, rows in told.items() if name.startswith(SCHEMA)
    }
    assert {name: rows for name, rows in cleared.items() if rows} == {
        name: rows for name, rows in emptied.items() if name.startswith(SCHEMA)
    }
    assert [("ben@smilecare.example",)] == base.execute("select email from public.users").fetchall()


NOTES = f"""
    drop schema if exists {SCHEMA} cascade; create schema {SCHEMA};
    create table {SCHEMA}.notes (author uuid not null references public.users (id) on delete cascade, words text);
    create table {SCHEMA}.files (id int primary key, owner uuid references public.users (id), label text,
        editor uuid references public.users (id));
    insert into {SCHEMA}.notes values ('{ANNA}', 'a'), ('{ANNA}', 'a'), ('{BEN}', 'b');
    insert into {SCHEMA}.files values (1, '{ANNA}', 'x', '{ANNA}'), (2, '{BEN}', 'y', '{ANNA}'),
        (3, '{ANNA}', '{ANNA}', '{BEN}');
"""
CLASSES = f"""
    ["{SCHEMA}.notes"]
    class = "delete"
    ["{SCHEMA}.files"]
    class = "keep"
    ground = "A test."
    until = "its end"
    person = {{ label = "text" }}
    columns = {{ label = "pseudonymise" }}
"""


class Made:
    """A graph that was written by hand, as `planned` takes one."""

    def make(self, connection):
        connection.execute(NOTES)

    def classes(self):
        return CLASSES


FILES = f"select id, owner, editor, label from {SCHEMA}.files order by id"


def test_a_table_without_a_key_and_one_that_refers_twice(planned, base):
    """Rows alike go all the same; a row that names her twice is emptied once, and a text gets the pseudonym."""
    facts, write = planned(Made())
    write()

    assert [(BEN, "b")] == base.execute(f"select * from {SCHEMA}.notes").fetchall()
    assert [(1, None, None, "x"), (2, BEN, None, "y"), (3, None, BEN, PSEUDONYM)] == base.execute(FILES).fetchall()
    assert (3, 2) == (erasing.cleared(facts)[f"{SCHEMA}.files"][0], _rows(facts, "notes"))


def there(base):
    return [base.execute(each).fetchall() for each in (FILES, f"select * from {SCHEMA}.notes order by words, author")]


def _rows(facts, table):
    return next(each["rows"] for each in facts["holdings"] if each["table"] == f"{SCHEMA}.{table}")


@pytest.mark.parametrize(
    "meanwhile",
    [
        f"insert into {SCHEMA}.notes values ('{ANNA}', 'new')",
        f"delete from {SCHEMA}.notes where author = '{ANNA}'",
        f"update {SCHEMA}.files set editor = owner where id = 3; update {SCHEMA}.files set editor = null where id = 1",
        f"create function {SCHEMA}.keep() returns trigger language plpgsql as 'begin return null; end';"
        f"create trigger keep before delete on {SCHEMA}.notes for each row execute function {SCHEMA}.keep()",
        f"create table {SCHEMA}.late (id int, who uuid not null references public.users (id));"
        f"insert into {SCHEMA}.late values (1, '{ANNA}')",
    ],
    ids=["one more", "fewer", "as many, others", "a trigger that keeps them", "a new table"],
)
def test_another_state_than_the_plans(meanwhile, planned, base):
    """Another count, a trigger or a table that nobody knew: nothing is written, or all where the number is the same."""
    _, write = planned(Made())
    base.execute(meanwhile)
    before = there(base)
    if "editor" in meanwhile:
        write()
        assert [] == [row for row in base.execute(FILES).fetchall() if ANNA in row]
        return
    with pytest.raises(Changed):
        write()

    assert before == there(base)
    assert 2 == base.execute("select count(*) from public.users").fetchone()[0]


def test_a_row_that_comes_while_it_runs(planned, base, portal):
    """Added and committed after the snapshot, it would go by the cascade, uncounted: the transaction ends instead."""
    _, write = planned(Made())
    with psycopg.connect(portal) as other:
        other.execute(f"insert into {SCHEMA}.notes values ('{ANNA}', 'late')")
        writing = threading.Thread(target=lambda: failed.append(_raised(write)))
        failed = []
        writing.start()
        time.sleep(0.5)
        other.commit()
        writing.join()

    assert [Changed] == [type(each) for each in failed]
    assert 4 == base.execute(f"select count(*) from {SCHEMA}.notes").fetchone()[0]


def _raised(call):
    try:
        call()
    except PeakopsError as wrong:
        return wrong
    return None
