"""What the nodes of a plan look for in a table: columns compared with a value, joined, ranged, sorted. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from peakops.scenario import Row

NAME = r'(?:[a-z_]\w*|"(?:[^"]|"")+")'
COLUMN = re.compile(rf"\(?(?P<alias>{NAME})\.(?P<column>{NAME})\)?(?:::(?:text|character varying))?")
"""A column as EXPLAIN (VERBOSE) writes it, with its table's alias; a varchar is compared as a text."""
ORDER = re.compile(rf"(?P<alias>{NAME})\.(?P<column>{NAME})(?P<order>(?: DESC)?(?: NULLS (?:FIRST|LAST))?)")
TOKEN = re.compile(r"""'(?:''|[^'])*'|"(?:""|[^"])*"|[()]| AND | OR | (?:<=|>=|=|<|>) |IS NULL$""")
SCANS = ("Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Heap Scan")
SORTS = ("Sort", "Incremental Sort")
USUAL = ("", " DESC")
"""Orders that an index in its usual order serves, read from either end."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What one node looks for in its table, by the names of columns; of `sort` with how each is sorted."""

    table: str
    node: Row
    equal: tuple[str, ...] = ()
    joined: tuple[str, ...] = ()
    ranged: tuple[str, ...] = ()
    sort: tuple[tuple[str, str], ...] = ()


def wanted(nodes: Sequence[Row]) -> Iterator[Wanted]:
    """What each scan of a plan looks for, with the joins and the sort above it."""
    for place, node in enumerate(nodes):
        if node["node"] in SCANS and node["relation"] and node["alias"]:
            above = list(_above(nodes, place))
            own = [each for text in (node["condition"], node["filter"]) if text for each in _compared(text)]
            joins = [each for upper in above if upper["condition"] for each in _compared(upper["condition"])]
            alias = node["alias"]
            yield Wanted(
                table=node["relation"],
                node=node,
                equal=_of(alias, own, "="),
                ranged=_of(alias, own, "<"),
                joined=_of(alias, joins, "="),
                sort=next((_sorted(alias, upper["sort"]) for upper in above if upper["node"] in SORTS), ()),
            )


def _above(nodes: Sequence[Row], place: int) -> Iterator[Row]:
    """The nodes above one, the nearest first: they come before it, each less deep."""
    depth = nodes[place]["depth"]
    for each in reversed(nodes[:place]):
        if each["depth"] < depth:
            depth = each["depth"]
            yield each


def _of(alias: str, compared: Sequence[tuple[str, str, str]], kind: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(column for of, column, how in compared if of == alias and how == kind))


def _sorted(alias: str, keys: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The columns of a sort; none unless all are of this table, sorted the same way, or in a way of their own each."""
    matches = [ORDER.fullmatch(each) for each in keys]
    found = [(_bare(each["alias"]), _bare(each["column"]), each["order"]) for each in matches if each]
    if len(found) < len(keys) or any(of != alias for of, _, _ in found):
        return ()
    usual = len({order for _, _, order in found}) == 1 and found[0][2] in USUAL
    return tuple((column, "" if usual else order) for _, column, order in found)


def _compared(text: str) -> Iterator[tuple[str, str, str]]:
    """Each comparison that must hold: the alias, the column, and `=` or `<` (any of the four that order)."""
    text = _unwrapped(text)
    parts = _split(text, " AND ")
    if len(parts) > 1:
        for each in parts:
            yield from _compared(each)
    elif len(_split(text, " OR ")) == 1:
        yield from _comparison(text)


def _comparison(text: str) -> Iterator[tuple[str, str, str]]:
    if text.endswith(" IS NULL"):
        yield from _column(text.removesuffix(" IS NULL"), "=")
        return
    for operator in (" = ", " <= ", " >= ", " < ", " > "):
        sides = _split(text, operator)
        if len(sides) == 2:
            for one, other in (sides, sides[::-1]):
                for alias, column, how in _column(one, "=" if operator == " = " else "<"):
                    if not re.search(rf"(?<![\w\"]){re.escape(alias)}\"?\.", other):
                        yield alias, column, how
            return


def _column(text: str, how: str) -> Iterator[tuple[str, str, str]]:
    match = COLUMN.fullmatch(text)
    if match:
        yield _bare(match["alias"]), _bare(match["column"]), how


def _split(text: str, by: str) -> list[str]:
    """A text in the parts that `by` separates outside of brackets and quotes."""
    parts, depth, done = list[str](), 0, 0
    for token in TOKEN.finditer(text):
        depth += {"(": 1, ")": -1}.get(token[0], 0)
        if depth == 0 and token[0] == by:
            parts.append(text[done : token.start()])
            done = token.end()
    return [*parts, text[done:]]


def _unwrapped(text: str) -> str:
    """A text without the brackets around the whole of it."""
    while text.startswith("("):
        depth = 0
        for token in TOKEN.finditer(text):
            depth += {"(": 1, ")": -1}.get(token[0], 0)
            if depth == 0:
                break
        if depth or token.end() < len(text):
            return text
        text = text[1:-1]
    return text


def _bare(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name
