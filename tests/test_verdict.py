"""The contract's rule of precedence, on findings and silences that are written out."""

from dataclasses import replace

import pytest

from peakops.errors import Exit
from peakops.model import Evidence, Fault, Finding, Outcome, Severity, Status, Verdict
from peakops.scenarios.payment.check import SCENARIO
from peakops.verdict import exit_code, rule


def finding(code, severity):
    words = {"question": "q", "says": f"{code} is so.", "title": code, "means": "", "do": "", "playbook": ""}
    return Finding(code=code, severity=Severity(severity), **words)


def found(code, severity):
    return Outcome(verdict=Verdict.FOUND, says="", name="q", asks="Q?", finding=finding(code, severity))


def look(name, source="stripe", silent="", consequence=False):
    fault = Fault(code="x", category="upstream", message=silent) if silent else None
    return Evidence(name=name, source=source, error=fault, consequence=consequence)


ANSWERED = tuple(look(name) for name in SCENARIO.needs[Severity.OK])


def with_silent(*names):
    return tuple(look(each.name, silent=f"{each.name} is down." if each.name in names else "") for each in ANSWERED)


def ruled(outcomes, evidence=ANSWERED):
    judged = rule(SCENARIO, tuple(outcomes), evidence)
    return judged.ruling.code, judged.status


WARNING, CRITICAL, OK = found("w", "warning"), found("c", "critical"), found("fine", "ok")


@pytest.mark.parametrize(
    ("outcomes", "silent", "expected"),
    [
        ([OK], (), ("fine", Status.OK)),
        ([WARNING, OK], (), ("w", Status.WARNING)),
        ([WARNING, CRITICAL, OK], (), ("c", Status.CRITICAL)),
        ([CRITICAL], ("invoice", "intent", "charges"), ("c", Status.CRITICAL)),
        ([WARNING, CRITICAL], ("charges",), ("c", Status.CRITICAL)),
        ([WARNING], ("charges",), ("unknown", Status.UNKNOWN)),
        ([WARNING], ("refunds",), ("w", Status.WARNING)),
        ([OK], ("refunds",), ("unknown", Status.UNKNOWN)),
        ([OK], ("siblings",), ("unknown", Status.UNKNOWN)),
        ([], ("refunds",), ("unknown", Status.UNKNOWN)),
    ],
)
def test_precedence(outcomes, silent, expected):
    """Critical, else unknown where a needed look was silent, else the first warning, else the ok row."""
    assert expected == ruled(outcomes, with_silent(*silent))


def test_the_first_of_one_severity_decides():
    """Among findings of one severity the order of the questions decides."""
    assert "a" == ruled([found("a", "warning"), found("b", "warning")])[0]
    assert "b" == ruled([found("b", "warning"), found("a", "warning")])[0]


def test_nothing_fits():
    """No row fits and nothing was silent: unclassified, a warning that says whom to ask."""
    judged = rule(replace(SCENARIO, brief=lambda _: "All is strange."), (), ANSWERED)

    assert "All is strange." == judged.ruling.says
    assert ("unclassified", Status.WARNING) == (judged.ruling.code, judged.status)
    assert "technical lead" in judged.ruling.do


def test_a_question_that_could_not_be_answered_is_unknown():
    """A question failed on what it read: unknown, not unclassified."""
    open_question = Outcome(verdict=Verdict.UNKNOWN, says="peakops could not judge.", name="q", asks="Is it?")

    assert ("unknown", Status.UNKNOWN) == ruled([open_question])


def test_an_ok_row_is_moot_beside_a_worse_finding_and_in_doubt():
    """Scripts read the findings: none of them says that all is well where it is not, or is not known to be."""
    worse = rule(SCENARIO, (OK, WARNING), ANSWERED)
    doubt = rule(SCENARIO, (OK,), with_silent("refunds"))

    assert ["w"] == [each.code for each in worse.findings]
    assert [] == [each.code for each in doubt.findings]


def test_sources_are_counted_by_who_was_silent_first():
    """A look that only waited for a silent one does not make its own source silent."""
    evidence = (look("invoice", "database", silent="down"), look("intent", silent="waits", consequence=True))
    sources = rule(SCENARIO, (), evidence).ruling.sources

    assert (2, 1, ("database",)) == (sources.asked, sources.answered, sources.missing)


def test_unknown_names_the_first_reason_of_each_source():
    """The sentence of an unknown verdict gives the causes, once each, and not what followed from them."""
    evidence = (
        look("invoice", "database", silent="The database is down."),
        look("payments", "database", silent="The database is still down."),
        look("intent", silent="Stripe is down."),
        look("charges", silent="It waits.", consequence=True),
    )

    assert "The database is down. Stripe is down." == rule(SCENARIO, (), evidence).ruling.says


@pytest.mark.parametrize(
    ("status", "never", "warning", "critical"),
    [
        (Status.OK, 0, 0, 0),
        (Status.WARNING, 0, 1, 0),
        (Status.CRITICAL, 0, 2, 2),
        (Status.UNKNOWN, 3, 3, 3),
    ],
)
def test_exit_codes(status, never, warning, critical):
    """--fail-on changes the code of findings, and never that of silence."""
    assert (never, warning, critical) == tuple(exit_code(status, level) for level in ("never", "warning", "critical"))
    assert isinstance(exit_code(status, "warning"), Exit)


def test_critical_needs_nothing():
    """A scenario that names needs for critical verdicts too is still ruled by what is proven."""
    scenario = replace(SCENARIO, needs={**SCENARIO.needs, Severity.CRITICAL: ("charges",)})

    assert "c" == rule(scenario, (CRITICAL,), with_silent("charges")).ruling.code


def test_findings_are_listed_worst_first():
    """In the document the findings stand in the order of their weight, then of the playbook."""
    judged = rule(SCENARIO, (WARNING, CRITICAL, found("w2", "warning")), ANSWERED)

    assert ["c", "w", "w2"] == [each.code for each in judged.findings]


def test_all_is_well_only_where_every_question_was_answered():
    """A question failed on what it read: its answer may be a dispute, so nothing is said to be fine."""
    open_question = Outcome(verdict=Verdict.UNKNOWN, says="peakops could not judge.", name="q", asks="Is it?")

    assert ("unknown", Status.UNKNOWN) == ruled([open_question, OK])
    assert ("w", Status.WARNING) == ruled([open_question, WARNING])
