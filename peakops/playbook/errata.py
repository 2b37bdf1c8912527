"""Where the operations playbook is wrong or leaves something open: each erratum with what peakops does instead."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from peakops.playbook import operations, words


@dataclass(frozen=True, kw_only=True)
class Erratum:
    """One deviation from the playbook, and the question that only its owner can answer."""

    number: int
    at: Mapping[int, str]
    """The lines, each with the hash that its text has."""
    part: str = ""
    """Of a block of several statements, the one that is meant."""
    of: tuple[str, ...] = ()
    """The scenarios whose guide tells of it: `payment.check`."""
    why: str
    does: str
    asks: str

    @property
    def told(self) -> str:
        """What is wrong, and what peakops does."""
        return f"{self.why} {self.does}"

    @property
    def says(self) -> str:
        """What the playbook says there."""
        units = operations.units()
        return self.part or "; ".join(units[each].says for each in self.at if each in units)


@cache
def every() -> tuple[Erratum, ...]:
    """The errata in the order of their numbers."""
    rows = words("errata")["errata"]
    return tuple(
        Erratum(**{**each, "at": {int(line): hash for line, hash in each["at"].items()}, "of": tuple(each["of"])})
        for each in sorted(rows, key=lambda row: row["number"])
    )


def at(line: int) -> tuple[Erratum, ...]:
    """The errata of a line, whatever its place counts as."""
    return tuple(each for each in every() if line in each.at)


def of(scenario: str) -> tuple[Erratum, ...]:
    """The errata that a scenario's guide tells of."""
    return tuple(each for each in every() if scenario in each.of)
