"""What tables a world can fill, read from the template database: their columns, keys and references, parents first."""

from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg

COLUMNS = """
select n.nspname, c.relname, a.attname, format_type(a.atttypid, null), a.attnotnull, a.attgenerated <> '',
       a.attidentity <> '' or coalesce(pg_get_expr(d.adbin, d.adrelid) like 'nextval(%%', false),
       coalesce(pg_get_expr(d.adbin, d.adrelid) = 'gen_random_uuid()', false),
       d.adbin is not null or a.attidentity <> '',
       coalesce(a.attnum = any (p.conkey), false)
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
  left join pg_constraint p on p.conrelid = c.oid and p.contype = 'p'
 where n.nspname = any (%s) and c.relkind = 'r'
 order by n.nspname desc, c.oid, a.attnum
"""
PARENTS = """
select cn.nspname, c.relname, pn.nspname, p.relname
  from pg_constraint f
  join pg_class c on c.oid = f.conrelid
  join pg_namespace cn on cn.oid = c.relnamespace
  join pg_class p on p.oid = f.confrelid
  join pg_namespace pn on pn.oid = p.relnamespace
 where f.contype = 'f' and f.conrelid <> f.confrelid and cn.nspname = any (%s)
"""
SCHEMAS = ["public", "auth", "peakops"]


@dataclass(frozen=True)
class Column:
    """One column: what a world may write there, and what happens if it writes nothing."""

    name: str
    type: str
    not_null: bool
    generated: bool
    counted: bool
    drawn: bool
    has_default: bool
    in_key: bool


@dataclass(frozen=True)
class Table:
    """One table under the name that a world gives it: bare in `public`, `auth.users` elsewhere."""

    name: str
    schema: str
    relation: str
    columns: dict[str, Column]

    @property
    def key(self) -> list[str]:
        """The columns by which rows are ordered in a dump: the primary key, else all."""
        return [column.name for column in self.columns.values() if column.in_key] or list(self.columns)


Catalogue = dict[str, Table]


def world_name(schema: str, relation: str) -> str:
    """How a world names a table."""
    return relation if schema == "public" else f"{schema}.{relation}"


def read(connection: "psycopg.Connection[tuple[Any, ...]]") -> Catalogue:
    """All tables of the schemas that a world can fill, each after the tables that it refers to."""
    tables: Catalogue = {}
    for schema, relation, *column in connection.execute(COLUMNS, [SCHEMAS]):
        name = world_name(schema, relation)
        table = tables.setdefault(name, Table(name, schema, relation, {}))
        table.columns[column[0]] = Column(*column)
    order: TopologicalSorter[str] = TopologicalSorter(dict.fromkeys(tables, ()))
    for child_schema, child, parent_schema, parent in connection.execute(PARENTS, [SCHEMAS]):
        order.add(world_name(child_schema, child), world_name(parent_schema, parent))
    return {name: tables[name] for name in order.static_order()}
