"""What the doctor found, line by line: each question's state, and the hint that is the next step. Pure."""

from dataclasses import replace

from peakops.errors import Exit
from peakops.model import Outcome, Report, Row, Status, Verdict

UNMET = ("unknown", "skipped")
WHOLE = "all"
"""The source of the question that is the verdict on all of them: it has no line of its own."""
PAGES = "status"
"""The source whose silence says nothing of the vendors: its questions, named as its looks, are passed over then."""
OPTIONAL = ("supabase_limits",)
"""Questions of other sources that are passed over likewise."""


def judged(report: Report, wanted: tuple[str, ...], only: tuple[str, ...] = ()) -> Report:
    """
    The doctor's report with its lines as `data.checks`, of all sources or of those that were named alone.

    A line of a `wanted` source that is unknown or passed over makes the whole unknown: for a pipeline an incomplete
    configuration must not pass for a good one. So does a source among `only` of which no line at all was answered.
    """
    shown = [each for each in report.outcomes if _source(each) != WHOLE and (not only or _source(each) in only)]
    checks = [_line(each, report) for each in shown]
    report = replace(report, data={"checks": checks})
    unmet = [each for each in checks if each["state"] in UNMET and each["source"] in wanted]
    if unmet:
        verb = "is" if len(unmet) == 1 else "are"
        return _unknown(report, f"--strict wants every line to be answered, and {len(unmet)} {verb} not.", unmet[0])
    answered = {each["source"] for each in checks if each["state"] not in UNMET}
    silent = [each for each in checks if each["source"] not in answered] if only else []
    return _unknown(report, "A source that was named has no line that was answered.", silent[0]) if silent else report


def _unknown(report: Report, why: str, first: Row) -> Report:
    """The report as unknown, unless a finding is worse, or it is unknown already."""
    if report.verdict is None or report.status not in (Status.OK, Status.WARNING):
        return report
    says = f"{why} The first: {first['says']}"
    ruling = replace(report.verdict, code="unknown", title="Unknown", says=says, do="")
    return replace(report, verdict=ruling, status=Status.UNKNOWN, exit_code=Exit.UNKNOWN)


def _source(outcome: Outcome) -> str:
    """What a question is about: its name begins with it."""
    return outcome.name.partition("_")[0]


def _line(outcome: Outcome, report: Report) -> Row:
    state, hint = _judgement(outcome, report)
    return {
        "source": _source(outcome),
        "question": outcome.name,
        "state": state,
        "asks": outcome.asks,
        "says": outcome.says,
        "hint": hint,
    }


def _judgement(outcome: Outcome, report: Report) -> tuple[str, str]:
    """A question's state, and what to do about it."""
    silent = {each.name: each.error for each in report.evidence if each.error}
    match outcome.verdict:
        case Verdict.FOUND if outcome.finding:
            return outcome.finding.severity.value, outcome.finding.do
        case Verdict.UNKNOWN:
            # The sentence of a question that was not answered begins with the look that did not answer.
            error = silent.get(outcome.says.partition(":")[0])
            return "unknown", error.hint if error else ""
        case Verdict.SKIPPED if (_source(outcome) == PAGES or outcome.name in OPTIONAL) and outcome.name in silent:
            return "unknown", silent[outcome.name].hint
    return outcome.verdict.value, ""
