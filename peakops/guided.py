"""A scenario's decision tree, shown without asking anybody."""

from collections.abc import Iterator

from peakops.model import Report, Row
from peakops.playbook import Entry, Guide
from peakops.report import Frame, of_lines
from peakops.scenario import Scenario

INDENT = " " * 7


def guide(scenario: Scenario, frame: Frame) -> Report:
    """The tree for people as lines, for scripts as `data.guide`."""
    return of_lines(frame, [scenario.guide.title, "", *lines(scenario.guide)], {"guide": data(scenario.guide)})


def lines(tree: Guide) -> Iterator[str]:
    """The tree for people, but for its title."""
    yield "Symptoms"
    yield from (f"  {each}" for each in tree.symptoms)
    if tree.questions:
        yield from ("", "Questions, in order")
    for number, question in enumerate(tree.questions, 1):
        yield f"{number:>3}. {question.asks}"
        if question.by_hand:
            yield f"{INDENT}by hand: {question.by_hand}"
        for entry in question.entries:
            yield f"{INDENT}{entry.severity.value:<8}  {entry.code}: {entry.means} {entry.do}{_leads(entry)}"
    yield from ("", "Where none of these applies")
    yield from (f"{INDENT}{code}: {entry.means} {entry.do}" for code, entry in tree.ends.items())
    if tree.errata:
        yield from ("", "Errata of the playbook", *(f"  {each}" for each in tree.errata))


def _leads(entry: Entry) -> str:
    """The commands that a row leads to: its fix with the class of its confirmation, and what else is next."""
    fix = (f"peakops {entry.fix} (class {entry.grade})",) if entry.fix else ()
    leads = (*fix, *(f"peakops {each}" for each in entry.next))
    return f" Next: {', '.join(leads)}." if leads else ""


def data(tree: Guide) -> Row:
    """The tree for scripts."""
    questions = [
        {
            "name": question.name,
            "asks": question.asks,
            "by_hand": question.by_hand or None,
            "rows": [row(each) for each in question.entries],
        }
        for question in tree.questions
    ]
    return {"title": tree.title, "symptoms": tree.symptoms, "questions": questions, "errata": tree.errata}


def row(entry: Entry) -> Row:
    """A row of the playbook's tables for scripts."""
    return {
        "code": entry.code,
        "severity": entry.severity.value,
        "title": entry.title,
        "means": entry.means,
        "do": entry.do,
        "next": [f"peakops {each}" for each in entry.next],
        "fix": {"command": f"peakops {entry.fix}", "class": entry.grade} if entry.fix else None,
    }
