"""From outcomes to the one named verdict, by the contract's rule of precedence."""

from collections.abc import Mapping
from dataclasses import dataclass

from peakops.errors import Exit
from peakops.investigate import worst_first
from peakops.model import Evidence, Finding, Outcome, Ruling, Severity, Sources, Status, Verdict
from peakops.scenario import Facts, Scenario

STATUS = {Severity.OK: Status.OK, Severity.WARNING: Status.WARNING, Severity.CRITICAL: Status.CRITICAL}
EXIT = {
    Status.OK: Exit.OK,
    Status.WARNING: Exit.WARNING,
    Status.CRITICAL: Exit.CRITICAL,
    Status.UNKNOWN: Exit.UNKNOWN,
}


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A verdict, and the status that the exit code follows."""

    ruling: Ruling
    status: Status
    findings: tuple[Finding, ...]


def rule(scenario: Scenario, outcomes: tuple[Outcome, ...], evidence: tuple[Evidence, ...]) -> Judged:
    """
    The first critical finding; else unknown if a look that the verdict needs was silent; else the first warning;
    else the ok row; else unclassified.
    """
    findings = _without_moot(worst_first(tuple(each.finding for each in outcomes if each.finding)))
    silent = [each for each in evidence if each.error]
    sources = _sources(evidence)
    complete = not sources.missing and scenario.whole(Facts(evidence))
    # All is well only where every question was answered; a warning, where those were that it must not hide.
    unanswered = [each for each in outcomes if each.verdict is Verdict.UNKNOWN]
    for severity in (Severity.CRITICAL, Severity.WARNING, Severity.OK):
        needed = [each for each in silent if each.name in scenario.needs.get(severity, ())]
        first = next((each for each in findings if each.severity is severity and not each.aside), None)
        if severity is not Severity.CRITICAL and needed:
            return _end(scenario, "unknown", _silence(needed), sources, complete, _not_ok(findings))
        vital = [each for each in unanswered if severity is Severity.OK or each.name in scenario.must_answer]
        if severity is not Severity.CRITICAL and vital:
            break
        if first:
            return Judged(ruling=_ruling(first, sources, complete), status=STATUS[severity], findings=findings)
    if unanswered:
        return _end(
            scenario, "unknown", f"{unanswered[0].asks} {unanswered[0].says}", sources, complete, _not_ok(findings)
        )
    return _end(scenario, "unclassified", scenario.brief(Facts(evidence)), sources, complete, findings)


def _without_moot(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """An ok row says that nothing is wrong, and is moot beside a finding that says something is."""
    return findings if all(each.severity is Severity.OK or each.aside for each in findings) else _not_ok(findings)


def _not_ok(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    return tuple(each for each in findings if each.severity is not Severity.OK or each.aside)


def _end(
    scenario: Scenario, code: str, says: str, sources: Sources, complete: bool, findings: tuple[Finding, ...]
) -> Judged:
    words = scenario.guide.ends[code]
    ruling = Ruling(
        code=code,
        title=words.title,
        says=says,
        complete=complete,
        sources=sources,
        do=words.do,
        customer=words.customer,
    )
    status = Status.UNKNOWN if code == "unknown" else Status.WARNING
    return Judged(ruling=ruling, status=status, findings=findings)


def _ruling(finding: Finding, sources: Sources, complete: bool) -> Ruling:
    return Ruling(
        code=finding.code,
        title=finding.title,
        says=finding.says,
        cause=finding.cause,
        complete=complete,
        sources=sources,
        do=finding.do,
        customer=finding.customer,
    )


def _sources(evidence: tuple[Evidence, ...]) -> Sources:
    asked = dict.fromkeys(each.source for each in evidence)
    silent = [each for each in evidence if each.error]
    # Whoever was silent first; where all silence only followed from waiting, those that waited are named.
    first = [each for each in silent if not each.consequence] or silent
    missing = tuple(dict.fromkeys(each.source for each in first))
    return Sources(asked=len(asked), answered=len(asked) - len(missing), missing=missing)


def _silence(silent: list[Evidence]) -> str:
    """The first reason of each source; looks that only followed from another are not repeated."""
    first: Mapping[str, Evidence] = {each.source: each for each in reversed(silent) if not each.consequence}
    said = [each.error.message for each in silent if each is first.get(each.source) and each.error]
    return " ".join(dict.fromkeys(said)) or " ".join(each.error.message for each in silent[:1] if each.error)


def exit_code(status: Status, fail_on: str) -> Exit:
    """The exit code of a status; `--fail-on` changes only findings, since 'could not check' is never 0."""
    tolerated = {"never": (Status.WARNING, Status.CRITICAL), "critical": (Status.WARNING,), "warning": ()}
    return Exit.OK if status in tolerated[fail_on] else EXIT[status]
