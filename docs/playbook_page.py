"""The playbook's pages: questions and rows from the TOML, looks from the scenarios, sentences from the SQL headers."""

import re
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from inspect import getdoc
from pkgutil import iter_modules
from typing import Any

from peakops import sources
from peakops.model import Severity
from peakops.playbook import Entry, Guide, errata, guide, places, words
from peakops.playbook.errata import Erratum
from peakops.playbook.operations import units
from peakops.scenario import Listed, Look, Scenario
from peakops.scenarios import SCENARIOS, SWEEPS
from peakops.sources import Sources, queries

MADE = "<!-- Made by docs/generate.py from {}; a change is made there. -->"
ANSWERS = (Severity.WARNING, Severity.OK)
"""Verdicts that need some looks to have answered; a critical one needs only its proof."""

OF_SOURCES = {"plans": ["perf/plan_statements", "perf/plan_extensions"]}
"""SQL files that a source runs of itself, whatever the look."""
UNPROVEN = ("outside_window",)
"""Rows of a sweep that are no finding: one side of the subject was not read."""


def looks(scenario: Scenario, subjects: Sequence[str | Sequence[Any]]) -> dict[str, tuple[str, str, list[str]]]:
    """Every look for any of the subjects, or of the stretches of time: source, call, and the SQL files it may run."""
    found: dict[str, tuple[str, str, list[str]]] = {}
    for subject in subjects:
        listed = Listed()
        scenario.gather(Look(listed), *([subject] if isinstance(subject, str) else subject))
        for name, source, call, params in listed.asked:
            files = found.setdefault(name, (source, call, [*OF_SOURCES.get(source, ())]))[2]
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


def page(section: str) -> str:
    """docs/playbook/SECTION.md: every scenario of a section."""
    tables = places.tables(section)
    told = f"peakops/playbook/ ({section}.toml, lines/{section}.toml, errata.toml)"
    made = MADE.format(f"{told}, the scenarios and sql/{section}/")
    parts = [f"# Playbook: {section}", made]
    for name in SCENARIOS:
        if name.startswith(f"{section}."):
            scenario: Scenario = import_module(f"peakops.scenarios.{name}").SCENARIO
            parts += _scenario(scenario, tables[scenario.name.replace("-", "_")])
    for name in SWEEPS:
        if name.startswith(f"{section}."):
            parts += _sweep(section, name.partition(".")[2])
    parts += _further(section, "\n\n".join(parts))
    return "\n\n".join(parts) + "\n"


def _further(section: str, told: str) -> Iterator[str]:
    """The section's SQL files that no look of these scenarios names: a source, a fix or a precondition reads them."""
    every = sorted(f"{section}/{each.stem}" for each in (queries.root() / section).glob("*.sql"))
    files = [each for each in every if f"`sql/{each}.sql`" not in told and not queries.load(each).writes]
    if files:
        yield "## Further SQL files"
        yield "What a source, a fix, or a scenario that no complaint leads to reads besides."
        yield "\n".join(f"- `sql/{each}.sql`: {queries.load(each).says}" for each in files)


def _scenario(scenario: Scenario, place: Mapping[str, Any]) -> Iterator[str]:
    own, command = scenario.guide, f"peakops {scenario.command}"
    yield f"## {own.title}: `{command}`"
    yield "\n".join(f"- {each}" for each in own.symptoms)
    yield "### Questions"
    yield (
        "They are asked in this order. Within one severity the first row that applies is the verdict; "
        "a critical row outranks a warning, and a warning outranks an ok row. "
        "The other findings stay listed; an ok row only where nothing worse was found."
    )
    for number, question in enumerate(own.questions, 1):
        yield f"#### {number}. `{question.name}`: {question.asks}"
        if question.by_hand:
            yield f"By hand: {question.by_hand}"
        if question.entries:
            yield _rows(question.entries, own.concealed)
    yield "#### Where none of these applies"
    yield "`unclassified` is a warning; `unknown` is no finding, and exits with 3."
    ends = [
        (f"`{code}`", each.title, each.means, each.do, _reply(each, own.concealed)) for code, each in own.ends.items()
    ]
    yield table([("Verdict", "Title", "Means", "What to do", "What the customer is told"), *ends])
    if advised := _advised(scenario):
        yield "### Advice that outranks a row"
        yield "What is said instead where the advice that came with an attempt is stricter than its row."
        rows = [(f"`{retry}`", each["do"], each["customer"]) for retry, each in advised.items()]
        yield table([("Retry", "What to do", "What the customer is told"), *rows])
    yield "### Looks"
    yield from _looks(scenario, looks(scenario, place["subjects"]))
    yield from _errata(own)
    yield f"### Where the playbook's lines have gone: {place['section']}"
    found = sorted(places.of_table(scenario.section, scenario.name, place), key=lambda each: min(each.at))
    yield table([("Line", "The playbook says", "Kind", "Where"), *map(where, found)])


def _sweep(section: str, name: str) -> Iterator[str]:
    """A sweep judges many subjects as their scenario does, and has a few questions of its own."""
    own, said = guide(section, name), words(section)[name]
    yield f"## {own.title}: `peakops {said.get('command', f'{section} {name}')}`"
    yield "\n".join(f"- {each}" for each in own.symptoms)
    yield "### Questions"
    besides = " Besides:" if own.questions else ""
    yield f"Each subject is judged by the questions of `peakops {said.get('judged_as', f'{section} check')}`.{besides}"
    for number, question in enumerate(own.questions, 1):
        yield f"#### {number}. `{question.name}`: {question.asks}"
        yield _rows(question.entries, own.concealed, UNPROVEN)
    if unpaid := said.get("both_say_unpaid"):
        codes = ", ".join(f"`{each}`" for each in unpaid["codes"])
        asked = ", ".join(f"`{each}`" for each in unpaid["questions"])
        yield f"Both sides say that nothing was paid, so that it counts as in order: {codes}, and every row of {asked}."
    yield "#### The verdict on all of them"
    rows = [(f"`{code}`", each.title, each.means, each.do) for code, each in own.ends.items()]
    yield table([("Verdict", "Title", "Means", "What to do"), *rows])
    yield "### Looks"
    yield f"The portal is read by these SQL files, {said['beside']}"
    every = (each.name[:-4] for each in (queries.root() / section).iterdir())
    files = sorted(each for each in every if each == name or each.startswith(f"{name}_"))
    yield "\n".join(f"- `sql/{section}/{each}.sql`: {queries.load(f'{section}/{each}').says}" for each in files)
    yield from _errata(own)


def _advised(scenario: Scenario) -> Mapping[str, Any]:
    """The section's words for advice, where the scenario has a question whose rows are the decline codes."""
    section = words(scenario.section)
    asks = section[scenario.name.replace("-", "_")]["ask"].values()
    found: Mapping[str, Any] = section.get("advised", {}) if any("declines" in each for each in asks) else {}
    return found


def _rows(entries: tuple[Entry, ...], concealed: str, unknown: Sequence[str] = ()) -> str:
    rows = [("Row", "Severity", "Title", "Means", "What to do", "What the customer is told")]
    rows += [
        (f"`{each.code}`", _severity(each, unknown), each.title, each.means, each.do, _reply(each, concealed))
        for each in entries
    ]
    return table(rows)


def _severity(entry: Entry, unknown: Sequence[str]) -> str:
    return "unknown, exit 3" if entry.code in unknown else entry.severity


def _reply(entry: Entry, concealed: str) -> str:
    return entry.customer or ("Only that it was declined." if concealed else "Nothing: it is for operators.")


def _errata(own: Guide) -> Iterator[str]:
    """The errata that the guide tells of, by their numbers, which are those of errata.md."""
    told = errata.of(own.of)
    if told:
        yield "### Errata"
        yield "\n".join(f"- {_line(each)}. {each.told}" for each in told)


def _line(erratum: Erratum) -> str:
    return f"**{erratum.number}**, line {min(erratum.at)}"


def where(place: places.Place) -> tuple[str, str, str, str]:
    """A row of the table of lines: which, what they say, as what they count, and what does it."""
    found = units()
    says = place.part or "; ".join(found[each].says for each in place.at if each in found)
    numbers = {each.number: each for each in errata.every()}
    why = f"Erratum {place.erratum}: {numbers[place.erratum].told} " if place.erratum else ""
    return ", ".join(map(str, place.at)), says, place.kind, f"{why}{place.where}"


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
    return (getdoc(getattr(_reader(source), call)) or "").partition("\n")[0]


def _reader(source: str) -> Any:
    """The class that answers for a source: Sources names it as what its property returns."""
    name = getattr(Sources, source).func.__annotations__["return"]
    modules = (import_module(f"peakops.sources.{each.name}") for each in iter_modules(sources.__path__))
    return next(getattr(each, name) for each in modules if hasattr(each, name))


def table(rows: Sequence[tuple[str, ...]]) -> str:
    """A Markdown table; the first row is its head."""
    head, *body = [[" ".join(str(cell).split()).replace("|", "\\|") for cell in row] for row in rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [head, ["---"] * len(head), *body])
