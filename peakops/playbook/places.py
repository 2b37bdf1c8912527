"""Where each line of the operations playbook has gone: to a command, to a person, or among the errata. Pure."""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from peakops.model import Severity
from peakops.playbook.errata import Erratum
from peakops.playbook.operations import Unit

FOLDER = Path(__file__).parent / "lines"
QUOTED = re.compile(r"`peakops ([^`]+)`")
KINDS = ("command", "person", "erratum")


@dataclass(frozen=True, kw_only=True)
class Place:
    """What became of one line, or of a few that belong together."""

    table: str
    """The file and its table: `payment.check`."""
    at: Mapping[int, str]
    """The lines, each with the hash that its text had when the place was chosen."""
    kind: str
    where: str
    command: str
    """The command that the table is about; what a person does is asked for by it."""
    erratum: int = 0
    part: str = ""

    @property
    def commands(self) -> tuple[str, ...]:
        """Every command that it names, as it is typed after `peakops`, its own first."""
        return tuple(dict.fromkeys((self.command, *QUOTED.findall(self.where))))


@dataclass(frozen=True, kw_only=True)
class Lapse:
    """A line without a place, or a place that leads nowhere."""

    code: str
    severity: Severity
    line: int
    table: str
    says: str


def tables(file: str) -> Mapping[str, Any]:
    """The tables of one file of lines/."""
    return tomllib.loads((FOLDER / f"{file}.toml").read_text("utf-8"))


@cache
def every() -> tuple[Place, ...]:
    """Every place of every file, in the order of their lines."""
    files = sorted(each.stem for each in FOLDER.glob("*.toml"))
    places = [place for file in files for name, table in tables(file).items() for place in of_table(file, name, table)]
    return tuple(sorted(places, key=lambda place: min(place.at, default=0)))


def of_table(file: str, name: str, table: Mapping[str, Any]) -> Iterator[Place]:
    """The places of a table; its command is the file's and its own name, where it says no other."""
    command = table.get("command", f"{file} {name.replace('_', '-')}")
    for each in table["lines"]:
        at = {int(line): hash for line, hash in each["at"].items()}
        yield Place(**{**each, "at": at, "table": f"{file}.{name}", "command": command})


def lapses(
    units: Mapping[int, Unit], places: Sequence[Place], errata: Sequence[Erratum], lost: Callable[[str], str]
) -> Iterator[Lapse]:
    """
    What is wrong with the places of a playbook; `lost` tells which word of a command line does not exist, or nothing.

    A line that was changed has no place any more: whoever chose it has not read the line as it is now.
    A block of SQL whose places are about parts of it needs one for each part.
    """
    numbers = {each.number for each in errata}
    yield from _without_place(units, places)
    for place in places:
        yield from _moved(place.table, place.at, units, place.part)
        yield from _nowhere(place, numbers, lost)
    for each in errata:
        yield from _moved(f"errata {each.number}", each.at, units, each.part)


def _without_place(units: Mapping[int, Unit], places: Sequence[Place]) -> Iterator[Lapse]:
    for unit in units.values():
        parts = [each.part for each in places if each.at.get(unit.line) == unit.hash]
        if left := _left(unit.says, parts):
            yield Lapse(code="no_place", severity=Severity.CRITICAL, line=unit.line, table="", says=left)


def _left(says: str, parts: Sequence[str]) -> str:
    """What of a line no place is about; an empty part is all of it."""
    for part in parts:
        says = says.replace(part, "", 1) if part else ""
    return " ".join(says.split())


def _moved(table: str, at: Mapping[int, str], units: Mapping[int, Unit], part: str) -> Iterator[Lapse]:
    for line, hash in at.items():
        unit = units.get(line)
        if unit is None:
            says = "The playbook has no such line."
            yield Lapse(code="line_gone", severity=Severity.WARNING, line=line, table=table, says=says)
        elif unit.hash != hash:
            says = f"It was another text, and is {unit.hash} now: {unit.says}"
            yield Lapse(code="line_changed", severity=Severity.WARNING, line=line, table=table, says=says)
        elif part not in unit.says:
            says = f"It has no such part: {part}"
            yield Lapse(code="line_changed", severity=Severity.WARNING, line=line, table=table, says=says)


def _nowhere(place: Place, numbers: set[int], lost: Callable[[str], str]) -> Iterator[Lapse]:
    line = min(place.at, default=0)
    for each in place.commands:
        if word := lost(each):
            says = f"'peakops {each}' does not exist: there is no '{word}'."
            yield Lapse(code="no_command", severity=Severity.CRITICAL, line=line, table=place.table, says=says)
    if not place.where.strip():
        says = "It does not say where the line has gone."
        yield Lapse(code="no_words", severity=Severity.CRITICAL, line=line, table=place.table, says=says)
    if place.kind not in KINDS:
        says = f"'{place.kind}' is none of {', '.join(KINDS)}."
        yield Lapse(code="no_kind", severity=Severity.CRITICAL, line=line, table=place.table, says=says)
    if (place.kind == "erratum" or place.erratum) and place.erratum not in numbers:
        says = f"There is no erratum {place.erratum}."
        yield Lapse(code="no_erratum", severity=Severity.CRITICAL, line=line, table=place.table, says=says)
