"""The playbook's words: each scenario's symptoms, questions and answers, read from the TOML beside this file."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from peakops.model import Severity


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A row of the playbook's tables: what the code means, and what to do."""

    code: str
    title: str
    means: str
    do: str
    severity: Severity = Severity.WARNING
    customer: str = ""
    tell: bool = True
    """Whether the customer may be told the reason."""
    fix: str = ""
    """The verb that remedies it, `payment mark-paid`, and its class."""
    grade: str = ""
    next: tuple[str, ...] = ()
    """The commands that it leads to: `payment duplicates`."""
    aside: bool = False
    """It is listed whatever the verdict is, and never is the verdict."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """One step of the decision tree; `by_hand` where a person must answer it."""

    name: str
    asks: str
    by_hand: str = ""
    entries: tuple[Entry, ...] = ()

    def entry(self, code: str) -> Entry:
        """The row for a code. Raises KeyError, which a test of the house makes impossible."""
        for entry in self.entries:
            if entry.code == code:
                return entry
        raise KeyError(f"the playbook's question '{self.name}' has no row '{code}'")


@dataclass(frozen=True, kw_only=True)
class Guide:
    """One scenario of the playbook as a decision tree."""

    of: str
    """The scenario's name: `payment.check`."""
    title: str
    symptoms: tuple[str, ...]
    questions: tuple[Question, ...]
    ends: Mapping[str, Entry] = field(default_factory=dict)
    """The verdicts that no question finds: unknown, unclassified, not_found, ambiguous."""
    concealed: str = ""
    """What the customer hears where the reason must be concealed."""

    @property
    def errata(self) -> tuple[str, ...]:
        """Where it deviates from the operations playbook; read when it is asked for: it is a long file."""
        from peakops.playbook import errata

        return tuple(each.told for each in errata.of(self.of))

    def precedence(self) -> tuple[str, ...]:
        """Every code in the order of the file, which is the order in which findings outrank each other."""
        return tuple(entry.code for question in self.questions for entry in question.entries)


@cache
def words(file: str) -> Mapping[str, Any]:
    """One TOML file of the playbook as it stands."""
    return tomllib.loads(_text(file))


@cache
def table(file: str, name: str) -> Mapping[str, Any]:
    """
    One table of a file, empty if there is none: `table("declines", "card.expired_card")`.

    Only this table is parsed: the whole file of decline codes takes longer than all else that `decline` does.
    """
    _, found, rest = f"\n{_text(file)}".partition(f"\n[{name}]\n")
    return tomllib.loads(rest.partition("\n[")[0]) if found else {}


def _text(file: str) -> str:
    # Not importlib.resources: it imports zipfile, and a wheel is always unpacked.
    return (Path(__file__).parent / f"{file}.toml").read_text("utf-8")


@cache
def guide(section: str, name: str) -> Guide:
    """The decision tree of a scenario: `guide("payment", "check")` is the table [check] of payment.toml."""
    table = words(section)[name]
    return Guide(
        of=f"{section}.{name}",
        title=table["title"],
        symptoms=tuple(table["symptoms"]),
        questions=tuple(_question(key, each) for key, each in table["ask"].items()),
        ends={code: _entry(code, each) for code, each in table.get("ends", {}).items()},
        concealed=table.get("concealed", ""),
    )


def _question(name: str, table: Mapping[str, Any]) -> Question:
    rows = [_entry(code, each) for code, each in table.get("then", {}).items()]
    if "declines" in table:
        rows = [*_declines(), *rows]
    return Question(name=name, asks=table["asks"], by_hand=table.get("by_hand", ""), entries=tuple(rows))


def _entry(code: str, table: Mapping[str, Any]) -> Entry:
    return Entry(
        code=code,
        title=table["title"],
        means=table["means"],
        do=table["do"],
        severity=Severity(table.get("severity", "warning")),
        customer=table.get("customer", ""),
        tell=table.get("tell", "yes") == "yes",
        fix=table.get("fix", {}).get("command", ""),
        grade=table.get("fix", {}).get("class", ""),
        next=tuple(table.get("next", ())),
        aside=table.get("aside", False),
    )


def _declines() -> Iterator[Entry]:
    """A row per decline code; a code of both kinds has a row for cards and one, prefixed, for local methods."""
    for kind in ("card", "local"):
        for code, table in words("declines")[kind].items():
            yield _entry(f"{kind}.{code}", table)
