"""The pages on the operations playbook as a whole: what became of each line, and what is to be asked of its owner."""

from collections import Counter
from collections.abc import Iterator

from playbook_page import MADE, table, where

from peakops.playbook import errata as playbook_errata
from peakops.playbook import operations, places
from peakops.playbook.operations import Unit


def coverage() -> str:
    """docs/playbook/coverage.md: the playbook line by line, each with its places."""
    units, every = operations.units(), places.every()
    kinds = Counter(each.kind for each in every)
    parts = ["# The operations playbook, line by line", MADE.format("peakops/playbook/lines/ and errata.toml")]
    parts += [
        "Every line has a command, a manual step or an erratum; `peakops playbook coverage` says so, and ends with 2 "
        "where one has none. A block of SQL is one line. What is wrong with a line is in [the errata](errata.md).",
        f"{len(units)} lines and {len(every)} places: {kinds['command']} by a command, {kinds['person']} by a person, "
        f"{kinds['erratum']} errata.",
    ]
    rows = [("Line", "The playbook says", "Kind", "Where", "Table")]
    rows += [row for unit in units.values() for row in _rows(unit, every)]
    return "\n\n".join([*parts, table(rows)]) + "\n"


def _rows(unit: Unit, every: tuple[places.Place, ...]) -> Iterator[tuple[str, ...]]:
    """
    A row for each place of a line; a line's text stands in its first row alone, unless a part of it is meant.

    Errata of the line that none of its places names stand in its first row too.
    """
    found = [each for each in every if unit.line in each.at]
    said, cited = unit.says, {each.erratum for each in found}
    further = [each.number for each in playbook_errata.at(unit.line) if each.number not in cited]
    for place in found:
        _, _, kind, _ = where(place)
        numbers = [*([place.erratum] if place.erratum else []), *further]
        links = [f"[erratum {each}](errata.md#erratum-{each})" for each in numbers]
        as_what = ", ".join([*([kind] if kind != "erratum" else []), *links])
        yield str(unit.line), place.part or said, as_what, place.where, f"`{place.table}`"
        said, further = "", []


def errata() -> str:
    """docs/playbook/errata.md: every deviation from the playbook, with the question for its owner."""
    every = playbook_errata.every()
    parts = ["# Errata of the operations playbook", MADE.format("peakops/playbook/errata.toml")]
    parts += [
        f"Where the playbook is wrong, dangerous, or leaves something open: {len(every)} of them. "
        "`peakops playbook errata` lists them. A number stays with its erratum.",
    ]
    for each in every:
        lines = ", ".join(map(str, each.at))
        told = [f"- Line {lines}: {_quoted(each.says)}", f"- Why: {each.why}", f"- What peakops does: {each.does}"]
        told += [f"- Question for the owner: {each.asks}"]
        if each.of:
            told += [f"- Told by: {', '.join(f'`{name}`' for name in each.of)}"]
        parts += [f"## Erratum {each.number}", "\n".join(told)]
    return "\n\n".join(parts) + "\n"


def _quoted(text: str) -> str:
    """The playbook's own words, which are no markup."""
    return f"`{text.replace('`', '')}`"
