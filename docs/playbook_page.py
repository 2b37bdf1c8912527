"""The playbook's pages: questions and rows from the TOML, looks from the scenarios, sentences from the SQL headers."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from inspect import getdoc
from pathlib import Path
from typing import Any

from peakops.model import Row, Severity
from peakops.playbook import Entry, words
from peakops.scenario import Answer, Look, Scenario
from peakops.scenarios import SCENARIOS
from peakops.sources import queries

MADE = "<!-- Made by docs/generate.py from {}; a change is made there. -->"
ANSWERS = (Severity.WARNING, Severity.OK)
"""Verdicts that need some looks to have answered; a critical one needs only its proof."""


class Recorder:
    """An asker that asks nobody and remembers what would have been asked."""

    def __init__(self) -> None:
        self.looks: dict[str, tuple[str, str, Row]] = {}

    def ask(self, answer: Answer, source: str, call: str, params: Row) -> None:
        """Remember the look."""
        self.looks[answer.name] = (source, call, params)


def looks(scenario: Scenario, subjects: list[str]) -> dict[str, tuple[str, str, list[str]]]:
    """Every look for any of the subjects: source, call, and the SQL files it may run."""
    found: dict[str, tuple[str, str, list[str]]] = {}
    for subject in subjects:
        recorder = Recorder()
        scenario.gather(Look(recorder), subject)
        for name, (source, call, params) in recorder.looks.items():
            files = found.setdefault(name, (source, call, []))[2]
            files += [each for each in dict.fromkeys(_texts(params)) if each not in files and _is_query(each)]
    return found


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _texts(list(value.values()))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)


def _is_query(text: str) -> bool:
    return bool(re.fullmatch(r"\w+/\w+", text)) and (queries.root() / f"{text}.sql").is_file()


def page(section: str, folder: Path) -> str:
    """docs/playbook/SECTION.md: every scenario of a section."""
    places = tomllib.loads((folder / f"{section}.map.toml").read_text("utf-8"))
    made = MADE.format(f"peakops/playbook/{section}.toml, the scenarios, sql/{section}/ and {section}.map.toml")
    parts = [f"# Playbook: {section}", made]
    for name in SCENARIOS:
        if name.startswith(f"{section}."):
            scenario: Scenario = import_module(f"peakops.scenarios.{name}").SCENARIO
            parts += _scenario(scenario, places[scenario.name.replace("-", "_")])
    return "\n\n".join(parts) + "\n"


def _scenario(scenario: Scenario, place: Mapping[str, Any]) -> Iterator[str]:
    guide, command = scenario.guide, f"peakops {scenario.section} {scenario.name}"
    yield f"## {guide.title}: `{command}`"
    yield "\n".join(f"- {each}" for each in guide.symptoms)
    yield "### Questions"
    yield (
        "They are asked in this order. Within one severity the first row that applies is the verdict; "
        "a critical row outranks a warning, and a warning outranks an ok row. "
        "The other findings stay listed; an ok row only where nothing worse was found."
    )
    for number, question in enumerate(guide.questions, 1):
        yield f"#### {number}. `{question.name}`: {question.asks}"
        if question.by_hand:
            yield f"By hand: {question.by_hand}"
        if question.entries:
            yield _rows(question.entries)
    yield "#### Where none of these applies"
    yield "`unclassified` is a warning; `unknown` is no finding, and exits with 3."
    ends = [(f"`{code}`", each.title, each.means, each.do, _reply(each)) for code, each in guide.ends.items()]
    yield table([("Verdict", "Title", "Means", "What to do", "What the customer is told"), *ends])
    if advised := words(scenario.section).get("advised"):
        yield "### Advice that outranks a row"
        yield "What is said instead where the advice that came with an attempt is stricter than its row."
        rows = [(f"`{retry}`", each["do"], each["customer"]) for retry, each in advised.items()]
        yield table([("Retry", "What to do", "What the customer is told"), *rows])
    yield "### Looks"
    yield from _looks(scenario, looks(scenario, place["subjects"]))
    yield "### Errata"
    yield "\n".join(f"{number}. {each}" for number, each in enumerate(guide.errata, 1))
    yield f"### Where the playbook's lines have gone: {place['section']}"
    lines = [(each["line"], each["kind"], _where(each, guide.errata)) for each in place["lines"]]
    yield table([("The playbook's line", "Kind", "Where"), *lines])


def _rows(entries: tuple[Entry, ...]) -> str:
    rows = [("Row", "Severity", "Title", "Means", "What to do", "What the customer is told")]
    rows += [(f"`{each.code}`", each.severity, each.title, each.means, each.do, _reply(each)) for each in entries]
    return table(rows)


def _reply(entry: Entry) -> str:
    return entry.customer or "Only that it was declined."


def _where(line: Mapping[str, Any], errata: tuple[str, ...]) -> str:
    number = line.get("erratum")
    return f"Erratum {number}: {errata[number - 1]} {line['where']}" if number else str(line["where"])


def _looks(scenario: Scenario, found: Mapping[str, tuple[str, str, list[str]]]) -> Iterator[str]:
    yield "What is asked, for every form of the subject together; a look waits only for what it needs of another."
    rows = [("Look", "Call", "What it brings", *(f"Needed for {each.value}" for each in ANSWERS))]
    for name, (source, call, files) in found.items():
        needed = ["yes" if name in scenario.needs.get(each, ()) else "" for each in ANSWERS]
        brings = " ".join(f"`sql/{each}.sql`" for each in files) or _brings(source, call)
        rows.append((f"`{name}`", f"`{source}.{call}`", brings, *needed))
    yield table(rows)
    yield "The SQL files, each with the sentence of its header:"
    every = dict.fromkeys(each for _, _, several in found.values() for each in several)
    yield "\n".join(f"- `sql/{each}.sql`: {queries.load(each).says}" for each in every)


def _brings(source: str, call: str) -> str:
    reader = getattr(import_module(f"peakops.sources.{source}"), source.capitalize())
    return (getdoc(getattr(reader, call)) or "").partition("\n")[0]


def table(rows: Sequence[tuple[str, ...]]) -> str:
    """A Markdown table; the first row is its head."""
    head, *body = [[" ".join(str(cell).split()).replace("|", "\\|") for cell in row] for row in rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [head, ["---"] * len(head), *body])
