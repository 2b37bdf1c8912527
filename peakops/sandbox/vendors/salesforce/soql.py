"""Reads SOQL, as much of it as a client of cases needs; what it does not know it refuses, and never guesses."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn

from peakops.sandbox.vendors.salesforce.described import Field
from peakops.sandbox.vendors.salesforce.envelope import Refusal
from peakops.sandbox.vendors.salesforce.filters import ORDERED, Literal, Test, test

TOKEN = re.compile(
    r"""\s*(?:'(?P<string>(?:[^'\\]|\\.)*)'
    |(?P<time>\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d))|(?P<date>\d{4}-\d\d-\d\d)
    |(?P<number>[+-]?\d+(?:\.\d+)?)|(?P<word>[A-Za-z]\w*(?:\.\w+)*)|(?P<sign><=|>=|!=|<>|[=<>(),]))""",
    re.VERBOSE | re.DOTALL,
)
COUNT = ("COUNT", "(", ")")
SAME = {"<>": "!="}


@dataclass(frozen=True)
class Order:
    """One field of ORDER BY. Without NULLS LAST the empty ones come first."""

    name: str
    descending: bool
    nulls_last: bool


@dataclass(frozen=True)
class Query:
    """A query that was understood."""

    kind: str
    """The object: Case."""
    names: tuple[str, ...]
    """The fields; none for COUNT()."""
    where: Test | None
    orders: tuple[Order, ...]
    limit: int | None
    offset: int


@dataclass
class Reader:
    """A query's tokens and how far they are read."""

    tokens: list[tuple[str, str]]
    columns: Callable[[str], dict[str, Field] | None]
    kind: str = ""
    known: dict[str, Field] = field(default_factory=dict)
    """The object's fields, by their names in small letters."""
    place: int = 0

    def peek(self) -> str:
        """The next token, a word in capitals; of a literal nothing."""
        kind, text = self.tokens[self.place]
        return text.upper() if kind in ("word", "sign") else ""

    def take(self, *wanted: str) -> bool:
        """Whether the next tokens are these; they are read then."""
        ahead = [kind in ("word", "sign") and text.upper() for kind, text in self.tokens[self.place :][: len(wanted)]]
        found = ahead == list(wanted)
        self.place += len(wanted) if found else 0
        return found

    def need(self, wanted: str) -> None:
        """Read a token that must come."""
        if not self.take(wanted):
            self.stray(f"expecting {wanted}, found")

    def stray(self, says: str = "unexpected token:") -> NoReturn:
        """Refuse the next token."""
        raise Refusal("MALFORMED_QUERY", f"{says} {self.tokens[self.place][1] or '<EOF>'!r}")

    def next(self, *kinds: str) -> tuple[str, str]:
        """The next token, of one of these kinds."""
        found = self.tokens[self.place]
        if found[0] not in kinds:
            self.stray()
        self.place += 1
        return found

    def field(self, name: str) -> Field:
        """The object's field of this name, whatever its case."""
        found = self.known.get(name.lower())
        if found is None:
            raise Refusal(
                "INVALID_FIELD",
                f"No such column '{name}' on entity '{self.kind}'. If you are attempting to use a custom field, be "
                "sure to append the '__c' after the custom field name.",
            )
        return found

    def whole(self) -> int:
        """A whole number, 0 or more."""
        if not self.tokens[self.place][1].isdecimal():
            self.stray()
        return int(self.next("number")[1])


def read(text: str, columns: Callable[[str], dict[str, Field] | None]) -> Query:
    """The query; `columns` gives an object's fields. Raises Refusal."""
    reader = Reader(tokens(text), columns)
    reader.need("SELECT")
    wanted = selected(reader)
    reader.need("FROM")
    start(reader, reader.next("word")[1])
    names = tuple(reader.field(name)["name"] for name in wanted)
    where = condition(reader) if reader.take("WHERE") else None
    orders = ordering(reader) if reader.take("ORDER", "BY") else ()
    limit = reader.whole() if reader.take("LIMIT") else None
    offset = reader.whole() if reader.take("OFFSET") else 0
    reader.next("end")
    return Query(reader.kind, names, where, orders, limit, offset)


def tokens(text: str) -> list[tuple[str, str]]:
    """The query's tokens with their kinds, and an `end`."""
    found, place, text = [], 0, text.rstrip()
    while place < len(text):
        match = TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            raise Refusal("MALFORMED_QUERY", f"unexpected char at position {place + 1}: {text[place:].lstrip()[:1]!r}")
        found.append((match.lastgroup, match[match.lastgroup]))
        place = match.end()
    return [*found, ("end", "")]


def selected(reader: Reader) -> list[str]:
    """The names of the fields; none for COUNT()."""
    if reader.take(*COUNT):
        return []
    names = [reader.next("word")[1]]
    while reader.take(","):
        names.append(reader.next("word")[1])
    return names


def start(reader: Reader, kind: str) -> None:
    """Note the object that the query is about."""
    found = {each.lower(): each for each in KINDS}.get(kind.lower())
    columns = reader.columns(found) if found else None
    if found is None or columns is None:
        raise Refusal("INVALID_TYPE", f"sObject type '{kind}' is not supported.")
    reader.kind = found
    reader.known = {name.lower(): each for name, each in columns.items()}


KINDS = ("Case", "Account", "User", "Organization")


def condition(reader: Reader) -> Test:
    """Terms that are all joined by AND, or all by OR; SOQL wants parentheses where both are."""
    terms = [term(reader)]
    joint = reader.peek()
    if joint not in ("AND", "OR"):
        return terms[0]
    while reader.take(joint):
        terms.append(term(reader))
    if reader.peek() in ("AND", "OR"):
        reader.stray()
    together = all if joint == "AND" else any
    return lambda record: together(each(record) for each in terms)


def term(reader: Reader) -> Test:
    """A comparison, or a condition in parentheses, or the contrary of one."""
    if reader.take("NOT"):
        inner = term(reader)
        return lambda record: not inner(record)
    if reader.take("("):
        found = condition(reader)
        reader.need(")")
        return found
    column = reader.field(reader.next("word")[1])
    return test(column, *compared(reader))


def compared(reader: Reader) -> tuple[str, list[Literal]]:
    """The operator of a comparison, and its values."""
    operator = "NOT IN" if reader.take("NOT", "IN") else reader.next("word", "sign")[1].upper()
    operator = SAME.get(operator, operator)
    if operator in ("IN", "NOT IN"):
        reader.need("(")
        values = [literal(reader)]
        while reader.take(","):
            values.append(literal(reader))
        reader.need(")")
        return operator, values
    if operator not in ("=", "!=", "LIKE", *ORDERED):
        raise Refusal("MALFORMED_QUERY", f"unexpected token: {operator!r}")
    return operator, [literal(reader)]


def literal(reader: Reader) -> Literal:
    """A value."""
    kind, text = reader.next("string", "time", "date", "number", "word")
    if kind != "word":
        return Literal(kind, text)
    if text.upper() not in ("NULL", "TRUE", "FALSE"):
        raise Refusal("MALFORMED_QUERY", f"unexpected token: {text!r} (the sandbox knows no date literals)")
    return Literal("null" if text.upper() == "NULL" else "flag", text)


def ordering(reader: Reader) -> tuple[Order, ...]:
    """The fields of ORDER BY."""
    found = [order(reader)]
    while reader.take(","):
        found.append(order(reader))
    return tuple(found)


def order(reader: Reader) -> Order:
    """One of them."""
    name = reader.field(reader.next("word")[1])["name"]
    descending = not reader.take("ASC") and reader.take("DESC")
    last = not reader.take("NULLS", "FIRST") and reader.take("NULLS", "LAST")
    return Order(name, descending, last)
