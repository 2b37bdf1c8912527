"""The operations playbook as it was written: its lines, each with its kind and a hash, and how old it is. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path

FILE = Path(__file__).parent / "operations-playbook.md"
MONTHS_OF_TRUST = 6
"""Vendors change their consoles, codes and limits about twice a year: an older page has not seen the last change."""
DIGITS = 8
"""Of a hash: enough to tell some hundred lines from what they were."""
FENCE, BLOCK = re.compile(r"```\s*(\w*)$"), "sql"
"""What begins and ends a block, with its language; and the language of those that are one line."""
KINDS = (
    ("heading", r"#+ "),
    ("label", r"\*\*.+:\*\*$"),
    ("step", r"\d+\. "),
    ("item", r"- "),
    ("row", r"\|"),
    ("footer", r"\*[^*]+\*$"),
)
"""What a line is, by how it begins."""
UNSAID = r"-{3,}$|\|[-| ]+\|$"
"""A rule, and the line under a table's head: they say nothing."""
MARKUP = r"^#+ |^- |\*\*|^\*|\*$|`|\(#[^)]*\)|[\[\]]"
"""What is left out of a line as it is quoted, but for SQL, which is quoted as it is."""
MONTH = "%B %Y"
"""How the footer says when the playbook was last updated."""


@dataclass(frozen=True, kw_only=True)
class Unit:
    """What needs a place: a line, or a block of SQL as a whole; `line` is its first."""

    line: int
    kind: str
    text: str
    heading: str
    """The heading that it stands under; a heading's own words, where it is one."""

    @property
    def hash(self) -> str:
        """The first digits of SHA-256 over the text."""
        return sha256(self.text.encode()).hexdigest()[:DIGITS]

    @property
    def says(self) -> str:
        """The text in one line without its markup; a table's row as `first: second; third`."""
        if self.kind == "row":
            first, *rest = [re.sub(MARKUP, "", each.strip()) for each in self.text.strip("|").split("|")]
            return f"{first}: {'; '.join(rest)}"
        text = " ".join(self.text.split())
        return text if self.kind == BLOCK else re.sub(MARKUP, "", text)


@cache
def units() -> dict[int, Unit]:
    """Everything in the playbook that says something, by its line, in its order."""
    return {each.line: each for each in units_of(FILE.read_text("utf-8"))}


def units_of(text: str) -> Iterator[Unit]:
    """
    What a playbook's text is made of. Each line of a block without a language stands by itself: it is a drawing.

    A block that nobody ended ends with the text.
    """
    heading, fenced = "", None
    block: list[tuple[int, str]] = []
    for number, line in enumerate(map(str.strip, text.splitlines()), 1):
        if fence := FENCE.match(line):
            yield from _block(block, heading)
            fenced, block = (fence[1] if fenced is None else None), []
        elif fenced == BLOCK:
            block.append((number, line))
        elif line and not re.match(UNSAID, line):
            kind = "matrix" if fenced is not None else _kind(line)
            heading = re.sub(MARKUP, "", line) if kind == "heading" else heading
            yield Unit(line=number, kind=kind, text=line, heading=heading)
    yield from _block(block, heading)


def _block(lines: Sequence[tuple[int, str]], heading: str) -> Iterator[Unit]:
    """A block of SQL as one line, unless it is empty."""
    if lines:
        yield Unit(line=lines[0][0], kind=BLOCK, text="\n".join(each for _, each in lines), heading=heading)


def _kind(line: str) -> str:
    return next((name for name, begins in KINDS if re.match(begins, line)), "text")


@dataclass(frozen=True, kw_only=True)
class Age:
    """When the playbook was last updated, as its footer says, and who maintains it."""

    updated: str
    maintained_by: str
    months: int
    """Whole months between that month and now, by the environment's clock."""

    @property
    def is_old(self) -> bool:
        return self.months > MONTHS_OF_TRUST

    @property
    def says(self) -> str:
        """A sentence on the age, with whom to ask."""
        past = f"{self.months} months ago" if self.months != 1 else "a month ago"
        when = past if self.months > 0 else "this month"
        return f"The operations playbook was last updated in {self.updated}, {when}; {self.maintained_by} maintains it."

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a report says of an old playbook; nothing of one that may be trusted."""
        old = f"{self.says} After {MONTHS_OF_TRUST} months its steps are to be read again against the vendors' pages."
        return (old,) if self.is_old else ()


def age(now: datetime) -> Age:
    """How old the playbook is at `now`."""
    told = dict(_footer())
    updated = datetime.strptime(told["Last Updated"], MONTH).replace(tzinfo=UTC)
    months = (now.year - updated.year) * 12 + now.month - updated.month
    return Age(updated=told["Last Updated"], maintained_by=f"the {told['Maintained By']}", months=months)


def _footer() -> Iterator[tuple[str, str]]:
    for each in units().values():
        if each.kind == "footer":
            name, _, value = each.says.partition(": ")
            yield name, value
