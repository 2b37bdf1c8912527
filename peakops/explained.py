"""Why a verdict is what it is: each question, its answer, what it was read from, and the rows that did not apply."""

from contextlib import suppress
from dataclasses import replace
from importlib import import_module

from peakops.model import Evidence, Outcome, Report, Row, Verdict
from peakops.playbook import Question
from peakops.scenario import Check, Facts, Scenario

MOST_IDS = 5
"""So many rows of a look are named; more is told by their number."""


def explained(report: Report) -> Report:
    """The report of a scenario with the path to its verdict as `data.why`, empty without a subject. Nobody is asked."""
    scenario: Scenario = import_module(f"peakops.scenarios.{report.scenario}").SCENARIO
    outcomes = {each.name: each for each in report.outcomes}
    why = [
        _step(scenario, question, check, outcomes[question.name], report)
        for question, check in scenario.steps()
        if question.name in outcomes
    ]
    return replace(report, data={**report.data, "why": why})


def _step(scenario: Scenario, question: Question, check: Check | None, outcome: Outcome, report: Report) -> Row:
    taken = outcome.row or outcome.code
    found = outcome.verdict is Verdict.FOUND
    place = f"{scenario.section}.{scenario.name.replace('-', '_')}.{question.name}"
    return {
        "question": question.name,
        "asks": question.asks,
        "verdict": outcome.verdict.value,
        "says": outcome.says,
        "playbook": f"{place}.{taken}" if found else place,
        "decides": bool(found and report.verdict and report.verdict.code == outcome.code),
        "evidence": [_read(each) for each in _evidence(check, report.gathered)],
        "not_taken": [
            {"code": each.code, "severity": each.severity.value, "title": each.title}
            for each in question.entries
            if not (found and each.code == taken)
        ],
    }


def _evidence(check: Check | None, gathered: tuple[Evidence, ...]) -> list[Evidence]:
    """What a question is answered from: the answer is worked out once more, and what it reads is remembered."""
    if check is None:
        return []
    facts = Facts(gathered)
    with suppress(Exception):  # what it read until then is what it knows, and the answer has told of it
        check(facts)
    return [each for each in gathered if each.name in facts.read]


def _read(evidence: Evidence) -> Row:
    ids = [str(name) for row in evidence.rows if (name := row.get("id") or row.get("tracking_number"))]
    return {"name": evidence.name, "source": evidence.source, "rows": len(evidence.rows), "ids": ids[:MOST_IDS]}
