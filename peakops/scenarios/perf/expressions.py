"""The expression of a policy, as PostgreSQL writes it back: which functions it calls for every row. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest

MOST_KEPT = 1_000
"""Expressions whose calls are remembered: 'perf check' asks for the same policies for each of its causes."""
TOKEN = re.compile(
    r"""(?P<text>[Ee]?'(?:[^']|'')*')|(?P<name>(?:"(?:[^"]|"")+"|[A-Za-z_]\w*)(?:\.(?:"(?:[^"]|"")+"|[A-Za-z_]\w*))*)"""
    r"""|(?P<cast>::)|(?P<number>\d[\d.]*)|(?P<open>[(\[])|(?P<close>[)\]])|(?P<other>\S)"""
)
WORDS = {
    *("all", "and", "any", "array", "as", "at", "between", "by", "case", "coalesce", "collate", "current_date"),
    *("current_timestamp", "current_user", "distinct", "else", "end", "except", "exists", "false", "from"),
    *("greatest", "group", "having", "ilike", "in", "intersect", "is", "isnull", "join", "lateral", "least"),
    *("left", "like", "limit", "not", "notnull", "null", "nullif", "on", "or", "order", "row", "session_user"),
    *("similar", "some", "then", "time", "to", "true", "union", "user", "using", "values", "when", "where"),
    *("with", "zone"),
}
"""Words of SQL that are neither functions nor columns."""
TYPE_WORDS = {"varying", "precision", "with", "without", "time", "zone"}
"""What follows the first word of a type: character varying, timestamp with time zone."""


@dataclass(frozen=True)
class Call:
    """A call of a function outside of any sub-select."""

    name: str
    """As it is written: with its schema, unless it is PostgreSQL's own."""
    text: str
    """The whole call."""
    of_row: bool
    """Whether its arguments name a column, so that it cannot be asked once for all rows."""
    start: int
    """Where it begins in the expression."""
    array: bool
    """Whether it is the array of an ANY or ALL, where a sub-select would be taken for its rows."""


@dataclass(frozen=True)
class _Piece:
    kind: str
    text: str
    start: int
    end: int


@lru_cache(maxsize=MOST_KEPT)
def calls(expression: str) -> tuple[Call, ...]:
    """
    The calls that are made for every row: those that are inside a sub-select are PostgreSQL's to make once.

    A sub-select that reads no table, and whose call needs the row, is made for every row all the same.
    """
    pieces = list(_without_types(_pieces(expression)))
    bare: list[_Piece] = []
    outside = list(_without_selects(pieces, bare))
    vain = [each for each in _calls(expression, bare) if each.of_row]
    return tuple(sorted((*_calls(expression, outside), *vain), key=lambda each: each.start))


def once(expression: str, types: Mapping[str, str]) -> str:
    """The expression with these calls, which need no row, each in a sub-select of its own; by call, what it returns."""
    whole, end = [], 0
    for call in calls(expression):
        if call.text in types and call.start >= end:
            cast = f"::{types[call.text]}" if call.array else ""
            whole += [expression[end : call.start], f"(select {call.text}){cast}"]
            end = call.start + len(call.text)
    return "".join((*whole, expression[end:]))


def _pieces(expression: str) -> list[_Piece]:
    return [_Piece(str(found.lastgroup), found[0], found.start(), found.end()) for found in TOKEN.finditer(expression)]


def _without_types(pieces: list[_Piece]) -> Iterator[_Piece]:
    """The pieces without casts: the names after :: are types, and their lengths no arguments."""
    number = 0
    while number < len(pieces):
        if pieces[number].kind != "cast":
            yield pieces[number]
            number += 1
            continue
        number += 2
        while number < len(pieces) and pieces[number].text in TYPE_WORDS:
            number += 1
        if (
            number < len(pieces)
            and pieces[number].text in ("(", "[")
            and pieces[number].start == pieces[number - 1].end
        ):
            number = _closed(pieces, number) + 1


def _closed(pieces: list[_Piece], number: int) -> int:
    """Where the bracket that opens here is closed."""
    depth = 0
    for place in range(number, len(pieces)):
        depth += {"open": 1, "close": -1}.get(pieces[place].kind, 0)
        if depth == 0:
            return place
    return len(pieces) - 1


def _calls(expression: str, pieces: list[_Piece]) -> Iterator[Call]:
    for number, (piece, after) in enumerate(zip_longest(pieces, pieces[1:])):
        if _is_name(piece) and after and after.text == "(":
            end = _closed(pieces, number + 1)
            yield Call(
                name=piece.text.replace('"', ""),
                text=expression[piece.start : pieces[end].end],
                of_row=_names_column(pieces[number + 2 : end]),
                start=piece.start,
                array=_is_array(pieces, number, end),
            )


def _is_array(pieces: list[_Piece], start: int, end: int) -> bool:
    """Whether the call from `start` to `end` is all that stands in the brackets of an ANY or ALL."""
    before = [each.text.lower() for each in pieces[max(0, start - 2) : start]]
    return before in (["any", "("], ["all", "("]) and [each.text for each in pieces[end + 1 : end + 2]] == [")"]


def _without_selects(pieces: list[_Piece], bare: list[_Piece]) -> Iterator[_Piece]:
    """The pieces without the insides of sub-selects; their brackets stay. What reads no table is put into `bare`."""
    number = 0
    while number < len(pieces):
        yield pieces[number]
        number += 1
        if pieces[number - 1].text == "(" and number < len(pieces) and pieces[number].text.lower() == "select":
            end = _closed(pieces, number - 1)
            inside = pieces[number:end]
            bare += inside if all(each.text.lower() != "from" for each in inside) else ()
            number = end


def _is_name(piece: _Piece) -> bool:
    return piece.kind == "name" and piece.text.lower() not in WORDS


def _names_column(pieces: list[_Piece]) -> bool:
    """Whether a column is among them: a name that is not followed by the bracket of a call."""
    return any(
        _is_name(piece) and not (after and after.text == "(") for piece, after in zip_longest(pieces, pieces[1:])
    )
