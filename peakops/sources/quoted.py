"""Names out of the catalogue as parts of a statement: quoted, and none of their percent signs begins a parameter."""

from functools import cache

from psycopg.sql import Identifier


@cache
def table(name: str) -> str:
    """A table's name with its schema, which has no dot."""
    return _quoted(*name.split(".", 1))


@cache
def column(name: str) -> str:
    """A column's name."""
    return _quoted(name)


def literally(text: str) -> str:
    """A part of a statement in which no percent sign begins a parameter."""
    return text.replace("%", "%%")


def _quoted(*names: str) -> str:
    return literally(Identifier(*names).as_string(None))
