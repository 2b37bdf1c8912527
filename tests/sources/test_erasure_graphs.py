"""Random foreign-key graphs in a real PostgreSQL: what is counted is what goes, and it is what a person reckons."""

import random
from collections import defaultdict

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql
from psycopg.rows import dict_row

from peakops.errors import Changed
from peakops.sources import erasure_writing, personal_graph, queries
from peakops.sources.erasure import Erasure
from peakops.sources.personal_classes import Classes, TableClass, read

ANNA, BEN = "55555555-5555-4555-8555-000000000101", "55555555-5555-4555-8555-000000000102"
ACTIONS = ("", "on delete restrict", "on delete cascade", "on delete set null", "on delete set default")
CLASSES = {"delete": TableClass(name="delete"), "keep": TableClass(name="keep", ground="g", until="u")}
PEOPLE = f"insert into public.users (id, email) values ('{ANNA}', 'anna@x.example'), ('{BEN}', 'ben@x.example')"
ODD = ('Odd "1"', "50%s", "a.b", "select", "naïve; drop")
"""Names that a statement must quote."""


class Graph:
    """Tables with a key of one or two columns, some of them partitioned, and foreign keys anywhere, also in circles."""

    def __init__(self, dice):
        names = [f"{ODD[n % len(ODD)]} {n}" for n in range(dice.randint(1, 6))]
        self.classes = {each: dice.choice(("delete", "keep")) for each in names}
        self.wide = {each: dice.random() < 0.4 for each in names}
        self.split = {each: dice.random() < 0.3 for each in names}
        self.keys = [
            (dice.choice(names), f"%ref {n}", dice.choice([None, None, *names]), dice.choice(ACTIONS))
            for n in range(dice.randint(1, 9))
        ]
        self.rows = {each: range(dice.randint(0, 6)) for each in names}
        self.refers = {
            (table, row, column): dice.choice([None, *([0, 1] if to is None else self.rows[to])])
            for table, column, to, _ in self.keys
            for row in self.rows[table]
        }

    def made(self, connection):
        """The tables and their rows; the rows refer to each other once all are there."""
        connection.execute(PEOPLE)
        for name in self.classes:
            key = "id, part" if self.wide[name] else "id"
            split = " partition by hash (id)" if self.split[name] else ""
            self.do(
                connection, f"create table {{}} (id int, part int not null default 7, primary key ({key})){split}", name
            )
            if self.split[name]:
                for part in (0, 1):
                    says = f"create table {{}} partition of {{}} for values with (modulus 2, remainder {part})"
                    self.do(connection, says, f"{name} p{part}", name)
            for row in self.rows[name]:
                self.do(connection, f"insert into {{}} (id) values ({row})", name)
        for table, column, to, action in self.keys:
            self.linked(connection, table, column, to, action)

    def linked(self, connection, table, column, to, action):
        kind = "uuid" if to is None else "int"
        self.do(connection, f"alter table {{}} add column {{}} {kind}", table, column)
        columns = f"{column}, part" if to and self.wide[to] else column
        quoted = sql.SQL(", ").join(map(sql.Identifier, columns.split(", "))).as_string(connection)
        for row in self.rows[table]:
            value = self.refers[table, row, column]
            value = (ANNA, BEN)[value] if to is None and value is not None else value
            written = "null" if value is None else f"'{value}'"
            self.do(connection, f"update {{}} set {{}} = {written} where id = {row}", table, column)
        if to and self.wide[to] and "set" in action:
            action = f"on delete set null ({sql.Identifier(column).as_string(connection)})"
        target = ("users",) if to is None else (to,)
        self.do(connection, f"alter table {{}} add foreign key ({quoted}) references {{}} {action}", table, *target)

    @staticmethod
    def do(connection, statement, *names):
        of = [sql.Identifier("public", names[0]), *map(sql.Identifier, names[1:])]
        connection.execute(sql.SQL(statement).format(*of))

    def erased(self):
        """What a person would reckon: which rows go, and what the others refer to afterwards."""
        gone = set()
        while more := {
            (table, row)
            for (table, row, column), value in self.refers.items()
            if self.classes[table] == "delete" and (table, row) not in gone and self.hits(table, column, value, gone)
        }:
            gone |= more
        left = defaultdict(dict)
        for name in self.classes:
            for row in self.rows[name]:
                if (name, row) not in gone:
                    left[name][row] = {
                        column: None if self.hits(name, column, value, gone) else value
                        for (table, of, column), value in self.refers.items()
                        if (table, of) == (name, row)
                    }
        return gone, dict(left)

    def hits(self, table, column, value, gone):
        to = next(to for of, name, to, _ in self.keys if (of, name) == (table, column))
        return value is not None and (value == 0 if to is None else (to, value) in gone)

    def found(self, connection):
        """The rows as they are now."""
        left = defaultdict(dict)
        for name in self.classes:
            for each in connection.execute(sql.SQL("select * from public.{}").format(sql.Identifier(name))).fetchall():
                own = {k: v for k, v in each.items() if k not in ("id", "part")}
                left[name][each["id"]] = {
                    k: (ANNA, BEN).index(str(v)) if k in self.people() and v else v for k, v in own.items()
                }
        return dict(left)

    def people(self):
        return {column for _, column, to, _ in self.keys if to is None}


def references(connection, classes):
    own = {f"public.{name}": CLASSES[each] for name, each in classes.items()}
    columns, keys = (
        connection.execute(queries.load(name).text, {}).fetchall() for name in ("data/columns", "data/references")
    )
    return personal_graph.references(columns, keys, Classes(tables={**read(None).tables, **own}))


def erased(connection, found):
    """Count, erase with exactly these counts, and what was counted."""
    erasure = Erasure([each for each in found if each["effect"] in ("delete", "null")])
    counted = {
        each["place"]: each["rows"] for each in connection.execute(erasure.counting(), {"user": ANNA}).fetchall()
    }
    first = len(erasure.tables) + len(erasure.others)
    rows = {f"delete {name}": counted[n] for n, name in enumerate(erasure.tables)}
    rows |= {f"clear {name}": counted[first + n] for n, name in enumerate(erasure.altered)}
    params = {"user": ANNA, "pseudonym": BEN, "references": [*erasure.deleted, *erasure.others], "rows": rows}
    erasure_writing.write(connection.cursor(), params)
    return rows


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_any_graph_is_erased_as_it_was_counted(seed, portal):
    """Circles, self references, keys of two columns, partitions, every ON DELETE: no violation, and no row too many."""
    graph = Graph(random.Random(seed))
    with psycopg.connect(portal, row_factory=dict_row) as connection:
        graph.made(connection)
        found = references(connection, graph.classes)
        rows = erased(connection, found)
        gone, left = graph.erased()

        assert left == graph.found(connection)
        assert {(name, row) for name, of in graph.rows.items() for row in of} - gone == {
            (name, row) for name, of in graph.found(connection).items() for row in of
        }
        for name in graph.classes:
            assert sum(table == name for table, _ in gone) == rows.get(f"delete public.{name}", 0)
        assert [(BEN,)] == [(str(each["id"]),) for each in connection.execute("select id from public.users").fetchall()]
        connection.rollback()


@pytest.mark.parametrize("action", ["cascade", "set null"])
def test_a_table_that_came_after_the_plan(action, portal):
    """Its foreign key would take or alter rows that nobody has counted: nothing is written."""
    with psycopg.connect(portal, row_factory=dict_row) as connection:
        connection.execute(PEOPLE)
        found = references(connection, {})
        connection.execute(f"create table public.late (who uuid references public.users (id) on delete {action})")
        connection.execute("insert into public.late values (%s)", [BEN])
        connection.execute("savepoint before")
        erased(connection, found)
        connection.execute("rollback to before")
        connection.execute("insert into public.late values (%s)", [ANNA])

        with pytest.raises(Changed, match=r"public\.late refers to the person by now"):
            erased(connection, found)
        connection.rollback()
