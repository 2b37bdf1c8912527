"""The verdicts' pages: of each what it means, what it rests on, and what to do; with a run of the tests' worlds."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from playbook_page import MADE

from peakops.playbook import Entry, Question
from peakops.scenario import Scenario
from peakops.scenarios import PRECONDITIONS, SCENARIOS

RUNS = Path(__file__).resolve().parent.parent / "tests" / "__snapshots__"
"""What the tests' worlds have come to: real runs, whose times and tokens have names in their places."""
BLANK = re.compile(r'(?<=[:\[,] )(?:<[^<>"\n]*>|\[[a-z]+\])(?=[,\n])')
LONGEST_EXAMPLE = 400
"""Characters of a sentence that is quoted."""
SEVERAL = 6
"""How many looks are named by a verdict; a page is no list of everything."""


@cache
def runs() -> Mapping[str, Mapping[str, Any]]:
    """By the playbook's row, `payment.check.money.paid_not_recorded`, the finding of the first run that met it."""
    found: dict[str, Mapping[str, Any]] = {}
    for path in sorted(RUNS.glob("*/*.json")):
        try:
            document = json.loads(BLANK.sub("null", path.read_text("utf-8")))
        except ValueError:
            continue  # a golden of lines, or one that is no envelope
        if not isinstance(document, dict):
            continue
        asked = {each["name"]: each["asked"] for each in document.get("evidence", ())}
        for each in document.get("findings", ()):
            looks = [(name, asked.get(name, "")) for name in each["evidence"]]
            found.setdefault(each["playbook"], {**each, "looks": looks})
    return found


def sections() -> tuple[str, ...]:
    """The sections that have verdicts, in the playbook's order."""
    return tuple(dict.fromkeys(each.partition(".")[0] for each in (*SCENARIOS, *PRECONDITIONS)))


def page(section: str) -> str:
    """docs/verdicts/SECTION.md: every verdict that a command of the section may come to."""
    says = (
        "Of each verdict what it means, what it rests on, and what to do. The examples are from the sandbox's worlds. "
        "`unknown`, `unclassified`, `not_found` and `ambiguous` are the ends that every check has."
    )
    made = MADE.format(f"peakops/playbook/{section}.toml and the goldens of the tests")
    parts = [f"# Verdicts: {section}", made, says]
    for name in (*SCENARIOS, *PRECONDITIONS):
        if name.partition(".")[0] == section:
            parts += _scenario(import_module(f"peakops.scenarios.{name}").SCENARIO)
    return "\n\n".join(parts) + "\n"


def _scenario(scenario: Scenario) -> Iterator[str]:
    yield f"## {scenario.guide.title}: `peakops {scenario.command}`"
    for question in scenario.guide.questions:
        for entry in question.entries:
            yield from _verdict(scenario, question, entry)
    for entry in scenario.guide.ends.values():
        yield f"### {entry.code}"
        yield f"{entry.title}. {entry.means}"
        yield f"**What to do:** {entry.do}"


def _verdict(scenario: Scenario, question: Question, entry: Entry) -> Iterator[str]:
    place = f"{scenario.section}.{scenario.name}.{question.name}.{entry.code}"
    yield f"### {entry.code}"
    aside = "; it is told beside the verdict" if entry.aside else ""
    yield f"{entry.title} ({entry.severity.value}{aside}). It answers: {question.asks}"
    yield f"**Meaning:** {entry.means}"
    run = runs().get(place)
    if run:
        yield f"**Evidence:** {_evidence(run)}"
        yield f"> {_quoted(str(run['says']))}"
    yield f"**What to do:** {entry.do}"
    leads = [*([f"`peakops {entry.fix}` (class {entry.grade})"] if entry.fix else []), *(_lead(e) for e in entry.next)]
    if leads:
        yield f"**Next:** {', '.join(leads)}"
    if entry.customer and entry.tell:
        yield f"**The customer is told:** {entry.customer}"


def _lead(command: str) -> str:
    return f"`peakops {command}`"


def _evidence(run: Mapping[str, Any]) -> str:
    looks = [f"`{name}`{f' ({asked})' if asked else ''}" for name, asked in run["looks"]]
    more = len(looks) - SEVERAL
    return ", ".join(looks[:SEVERAL]) + (f" and {more} more" if more > 0 else "") + ". For example:"


def _quoted(says: str) -> str:
    """The sentence on one line, so that nothing of it is markup."""
    said = " ".join(says.split())
    cut = f"{said[:LONGEST_EXAMPLE]}…" if len(said) > LONGEST_EXAMPLE else said
    return re.sub(r"([\\`*_\[\]<>#|])", r"\\\1", cut)
