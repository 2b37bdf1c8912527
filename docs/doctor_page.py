"""The doctor's page: what it asks of each source, what it may find, and what it looks at."""

from collections.abc import Iterator
from itertools import groupby

from playbook_page import MADE, looks, table

from peakops.playbook import Question
from peakops.scenarios.doctor import check
from peakops.sources import queries

WHOLE = "all"
"""The source of the question that is the verdict on all of them."""
EVERYTHING = ((), "sendgrid")
"""What makes the doctor look at all there is."""


def page() -> str:
    """docs/playbook/doctor.md: every question by its source, and every look."""
    parts = [
        "# The doctor: `peakops doctor`",
        MADE.format("peakops/playbook/doctor.toml, peakops/scenarios/doctor, sql/"),
    ]
    parts += [
        "Critical: a command cannot do its work. Warning: it can, and something is not as it should be. "
        "A source that does not answer is unknown (exit 3), but for the status pages, which change neither verdict nor "
        "exit. What is not configured is left out, and its setting named.",
        "With `--strict` the exit is 0 only where every line is ok: what is unknown or not configured, a status page "
        "and the credentials that write included, ends with 3. Name the sources that are wanted where some are not: "
        "`peakops doctor --strict database stripe`.",
        "That the operations playbook is old is told, and changes no exit: no command depends on it.",
    ]
    for source, questions in groupby(check.SCENARIO.guide.questions, key=lambda each: each.name.partition("_")[0]):
        if source != WHOLE:
            parts += [f"## {source}", *_questions(questions)]
    return "\n\n".join([*parts, *_looks()]) + "\n"


def _questions(questions: Iterator[Question]) -> Iterator[str]:
    for question in questions:
        yield f"### {question.asks}"
        if question.entries:
            rows = [(f"`{each.code}`", each.severity.value, each.means, each.do) for each in question.entries]
            yield table([("Row", "Severity", "Means", "What to do"), *rows])
        else:
            yield "It is told, and nothing is judged."


def _looks() -> Iterator[str]:
    yield "## Looks"
    found = looks(check.SCENARIO, (EVERYTHING,))
    rows = [(f"`{name}`", f"`{source}.{call}`") for name, (source, call, _) in found.items()]
    yield table([("Look", "Call"), *rows])
    yield "Every SQL file that a command reads or writes with is planned, and not run. Besides, these are read:"
    own = sorted(file.name.removesuffix(".sql") for file in (queries.root() / "doctor").iterdir())
    yield "\n".join(f"- `sql/doctor/{each}.sql`: {queries.load(f'doctor/{each}').says}" for each in own)
