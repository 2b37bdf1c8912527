"""Random databases that hang on a person: tables, keys and rows of every shape, and what an erasure leaves of them."""

import random
from dataclasses import dataclass, field
from uuid import UUID

import psycopg
from psycopg import sql

SCHEMA = "shop"
ANNA, BEN = UUID(int=1), UUID(int=2)
ACTIONS = ("no action", "restrict", "cascade", "set null", "set default")
PEOPLE = "public.users"


@dataclass
class Key:
    """A foreign key: its columns, to whom, and what the database does when that row goes."""

    columns: list[str]
    to: str
    to_columns: list[str]
    action: str
    nullable: bool
    deferrable: bool


@dataclass
class Table:
    """A table of the random database, its rows by their key."""

    name: str
    key: list[str]
    class_: str
    partitioned: bool
    keys: list[Key] = field(default_factory=list)
    clears: dict[str, str] = field(default_factory=dict)
    rows: dict[tuple, dict] = field(default_factory=dict)


class Graph:
    """A database of one seed; `expected` is worked out row by row, in another way than SQL does."""

    def __init__(self, seed):
        self.seed, self._pick = seed, random.Random(seed)
        pick = self._pick
        self.tables = [self._table(n) for n in range(pick.randint(2, 7))]
        for table in self.tables:
            for n in range(pick.randint(0 if table is not self.tables[0] else 1, 3)):
                self._key(table, n, to_people=table is self.tables[0] and n == 0)
        self._fill()

    def _table(self, n):
        pick = self._pick
        key = pick.choice((["id"], ["id"], ["id", "part"]))
        partitioned = len(key) == 2 and pick.random() < 0.6
        return Table(f"{SCHEMA}.t{n}", key, pick.choice(("delete", "delete", "keep")), partitioned)

    def _key(self, table, n, to_people):
        pick = self._pick
        to = None if to_people or pick.random() < 0.25 else pick.choice(self.tables)
        nullable = table.class_ == "keep" or pick.random() < 0.7
        to_columns = ["id"] if to is None else to.key
        columns = [f"r{n}_{each}" for each in to_columns]
        action = pick.choice(ACTIONS)
        if not nullable and action.startswith("set"):
            action = "cascade"
        key = Key(columns, to.name if to else PEOPLE, to_columns, action, nullable, pick.random() < 0.3)
        table.keys.append(key)
        if table.class_ == "delete" and nullable and pick.random() < 0.3:
            table.clears[columns[-1]] = "null"

    def _fill(self):
        pick = self._pick
        for table in self.tables:
            for n in range(pick.randint(1, 14)):
                own = {"id": n, "part": pick.randint(0, 1), "word": f"{table.name} {n}"}
                table.rows[tuple(own[each] for each in table.key)] = own
        for table in self.tables:
            for row in table.rows.values():
                for key in table.keys:
                    row.update(zip(key.columns, self._target(key), strict=True))

    def _target(self, key):
        pick = self._pick
        if key.nullable and pick.random() < 0.25:
            return [None] * len(key.columns)
        if key.to == PEOPLE:
            return [pick.choice((ANNA, BEN))]
        return list(pick.choice(list(self.of(key.to).rows)))

    def of(self, name):
        return next(each for each in self.tables if each.name == name)

    def classes(self):
        """The file of classes."""
        lines = []
        for each in self.tables:
            lines += [f'["{each.name}"]', f'class = "{each.class_}"']
            lines += ['ground = "A test."', 'until = "its end"'] if each.class_ == "keep" else []
            columns = ", ".join(f'{column} = "{what}"' for column, what in each.clears.items())
            lines += [f"columns = {{ {columns} }}"] if columns else []
        return "\n".join(lines)

    def make(self, connection):
        """Make the tables with their rows; keys come last, since they may go in circles."""
        connection.execute(f"drop schema if exists {SCHEMA} cascade; create schema {SCHEMA}")
        for table in self.tables:
            connection.execute(self._ddl(table))
            for row in table.rows.values():
                names = sql.SQL(", ").join(map(sql.Identifier, row))
                values = sql.SQL(", ").join(sql.Placeholder() * len(row))
                place = sql.Identifier(*table.name.split("."))
                connection.execute(
                    sql.SQL("insert into {} ({}) values ({})").format(place, names, values), list(row.values())
                )
        for table in self.tables:
            for n, key in enumerate(table.keys):
                defer = "deferrable initially " + ("deferred" if n % 2 else "immediate") if key.deferrable else ""
                connection.execute(
                    f"alter table {table.name} add foreign key ({', '.join(key.columns)}) references {key.to} "
                    f"({', '.join(key.to_columns)}) on delete {key.action} {defer}"
                )

    def _ddl(self, table):
        columns = ["id int not null", "part int not null", "word text"]
        for key in table.keys:
            for name, of in zip(key.columns, key.to_columns, strict=True):
                kind = "uuid" if key.to == PEOPLE else "int"
                columns.append(f"{name} {kind}{'' if key.nullable else ' not null'}")
                assert of in ("id", "part")
        made = f"create table {table.name} ({', '.join(columns)}, primary key ({', '.join(table.key)}))"
        if not table.partitioned:
            return made
        parts = (f"create table {table.name}_p{n} partition of {table.name} for values in ({n})" for n in (0, 1))
        return f"{made} partition by list (part); {'; '.join(parts)}"

    def there(self, connection):
        """The rows that are there, by table."""
        found = {}
        for table in self.tables:
            names = ["id", "part", "word", *(column for key in table.keys for column in key.columns)]
            rows = connection.execute(f"select {', '.join(names)} from {table.name}").fetchall()
            found[table.name] = sorted(tuple(map(str, row)) for row in rows)
        return found

    def expected(self):
        """What an erasure of Anna must leave, and how many rows of each table it deletes and clears."""
        gone = {table.name: set() for table in self.tables}
        grown = True
        while grown:
            grown = False
            for table in self.tables:
                for own, row in table.rows.items():
                    if own not in gone[table.name] and self._goes(table, row, gone):
                        gone[table.name].add(own)
                        grown = True
        left, cleared = {}, {}
        for table in self.tables:
            names = ["id", "part", "word", *(column for key in table.keys for column in key.columns)]
            kept, changed = [], 0
            for own, row in table.rows.items():
                if own in gone[table.name]:
                    continue
                after = dict(row)
                for key in table.keys:
                    if self._names(key, row, gone):
                        after[key.columns[-1]] = None
                changed += after != row
                kept.append(tuple(str(after[each]) for each in names))
            left[table.name], cleared[table.name] = sorted(kept), changed
        return left, {name: len(each) for name, each in gone.items()}, cleared

    def _goes(self, table, row, gone):
        return any(self._deletes(table, key) and self._names(key, row, gone) for key in table.keys)

    @staticmethod
    def _deletes(table, key):
        return table.class_ == "delete" and not any(each in table.clears for each in key.columns)

    @staticmethod
    def _names(key, row, gone):
        """Whether a row refers to Anna, or to a row that goes."""
        values = tuple(row[each] for each in key.columns)
        if None in values:
            return False
        return values == (ANNA,) if key.to == PEOPLE else values in gone[key.to]


def portal_with(connection, graph):
    """Two people, and the graph's tables; what was there of another seed is gone."""
    connection.execute("truncate public.users, public.audit_logs cascade")
    for id, name in ((ANNA, "anna"), (BEN, "ben")):
        connection.execute("insert into public.users (id, email) values (%s, %s)", [id, f"{name}@smilecare.example"])
    graph.make(connection)


def connected(url):
    """A connection that commits by itself."""
    return psycopg.connect(url, autocommit=True)
