"""What is wrong with a journal's lines: which were changed, removed, repeated, reordered, cut off or torn."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from peakops.journal.entry import START, Entry, Mark, digest, parsed

TORN = "torn"
"""The kind of the entry that tells of lines before it which are none, since a crash cut them short."""


class Breach(NamedTuple):
    """What is wrong at a line, counted from 1. Line 0 is the file `journal.head`."""

    line: int
    seq: int | None
    """The number of the entry, where one stands or should stand there."""
    what: str
    """changed, removed (before this line), repeated, reordered, truncated (at the end), or torn by a crash."""
    says: str


class Place(NamedTuple):
    """Where an entry stands, and what chains it."""

    line: int
    mark: Mark
    prev: str
    torn: int = 0
    """How many torn lines before it it tells of, and their hash."""
    torn_hash: str = ""


@dataclass
class Survey:
    """A journal's lines, by number: entries and others."""

    places: dict[int, Place] = field(default_factory=dict)
    """By the number of the entry, in the order of the file."""
    broken: dict[int, bytes] = field(default_factory=dict)
    repeated: list[Place] = field(default_factory=list)
    last: int = 0
    ended: bool = True


def breaches(lines: Iterable[bytes], head: Mark | None) -> list[Breach]:
    """All that is wrong, by line. `lines` have their ends, `head` is the last entry that is known of."""
    survey = _survey(lines)
    order = sorted(survey.places)
    ranked = [Place(0, START, ""), *(survey.places[seq] for seq in order)]
    found = [
        *(Breach(each.line, each.mark.seq, "repeated", "It stands in the journal twice.") for each in survey.repeated),
        *_reordered(survey, order),
        *(breach for before, here in pairwise(ranked) for breach in _between(survey, before, here)),
    ]
    found += _after(survey, ranked[-1], head, {each.line for each in found})
    if head and head.seq in survey.places and survey.places[head.seq].mark != head:
        says = "It is not the entry that was the last one when journal.head was written."
        found.append(Breach(survey.places[head.seq].line, head.seq, "changed", says))
    return sorted(found, key=lambda each: each.line)


def _survey(lines: Iterable[bytes]) -> Survey:
    survey = Survey()
    for number, raw in enumerate(lines, 1):
        survey.last, survey.ended = number, raw.endswith(b"\n")
        entry = parsed(raw.removesuffix(b"\n"))
        if entry is None:
            survey.broken[number] = raw.removesuffix(b"\n")
        elif entry.seq in survey.places:
            survey.repeated.append(_place(number, entry))
        else:
            survey.places[entry.seq] = _place(number, entry)
    return survey


def _place(line: int, entry: Entry) -> Place:
    torn = entry.detail.get("lines") if entry.kind == TORN else None
    if not isinstance(torn, int):
        return Place(line, entry.mark, entry.prev)
    return Place(line, entry.mark, entry.prev, torn, str(entry.detail.get("sha256")))


def _reordered(survey: Survey, order: list[int]) -> Iterator[Breach]:
    """Entries that stand where another belongs."""
    for seq, belongs in zip(survey.places, order, strict=True):
        if seq != belongs:
            yield Breach(survey.places[seq].line, seq, "reordered", f"Entry {belongs} belongs here.")


def _between(survey: Survey, before: Place, here: Place) -> Iterator[Breach]:
    """What is wrong between two entries that follow each other by their numbers."""
    lines = [line for line in range(before.line + 1, here.line) if line in survey.broken]
    torn = lines[-here.torn :] if here.torn else []
    if digest([survey.broken[line] for line in torn]) != here.torn_hash:
        torn = []
    changed = lines[: len(lines) - len(torn)]
    gap = here.mark.seq - before.mark.seq - 1
    yield from _changed(changed, before.mark.seq + 1, gap)
    yield from (Breach(line, None, "torn", "A crash cut it short.") for line in torn)
    if gap > len(changed):
        says = f"{_entries(here.mark.seq - gap + len(changed), here.mark.seq - 1)} missing."
        yield Breach(here.line, here.mark.seq, "removed", says)
    elif gap == 0 and here.prev != before.mark.hash:
        yield Breach(here.line, here.mark.seq, "removed", "The entry after which it was written is missing.")
    if here.torn and not torn and len(changed) <= gap:
        yield Breach(here.line, here.mark.seq, "removed", "The torn line of which it tells is missing.")


def _after(survey: Survey, last: Place, head: Mark | None, named: set[int]) -> Iterator[Breach]:
    """What is wrong behind the last entry, where only the head knows what there was."""
    rest = [line for line in survey.broken if line not in named]
    gone = max(0, head.seq - last.mark.seq) if head else 0
    if survey.ended:
        yield from _changed(rest, last.mark.seq + 1, gone)
    else:
        yield from _changed(rest[:gone], last.mark.seq + 1, gone)
        torn = rest[gone:] or ([] if rest else [survey.last])
        yield from (Breach(line, None, "torn", "It was not written to its end.") for line in torn)
    if head and gone > len(rest):
        says = f"{_entries(head.seq - gone + len(rest) + 1, head.seq)} missing at the end."
        yield Breach(survey.last + 1, None, "truncated", says)


def _changed(lines: list[int], first: int, numbers: int) -> Iterator[Breach]:
    """Lines that are no entries; as many as there are numbers free were entries once."""
    for index, line in enumerate(lines):
        was = first + index if index < numbers else None
        yield Breach(line, was, "changed", "It is not as it was written." if was else "No entry was written here.")


def _entries(first: int, last: int) -> str:
    return f"Entry {first} is" if first == last else f"Entries {first} to {last} are"
