"""A command's report: of a scenario that was investigated, or of an error that ended it."""

import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from peakops import verdict
from peakops.errors import Exit, NotConfigured, PeakopsError, TimedOut
from peakops.investigate import Read, Terms, diagnose, fault_of, gather
from peakops.model import Evidence, Fault, Finding, Report, Row, Ruling, Sources, Status, typed
from peakops.scenario import Facts, Missing, Scenario

MARGIN_SECONDS = 0.5
"""Looks end this long before the time limit, so that a verdict is still printed in time."""
REFUSED = (Exit.REFUSED, Exit.CHANGED, Exit.LOCKED, Exit.NOT_CONFIRMED)
CANDIDATES = 20


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What every report of one command has in common."""

    command: str
    environment: str
    given: Row = field(default_factory=dict)
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    began: float = field(default_factory=time.monotonic)
    fail_on: str = "warning"
    env_file: str = ""

    def remaining(self, timeout: float) -> float:
        """The seconds that are left of the command's time limit, less than nothing once it is over."""
        return timeout - (time.monotonic() - self.began)

    def left(self, timeout: float) -> float:
        """The seconds that are left of the command's time limit. Raises TimedOut when there are none."""
        left = self.remaining(timeout)
        if left <= 0:
            raise TimedOut(
                f"The time limit of {timeout:g} s was over before anything could be looked at.",
                hint="Give more time with --timeout.",
                code="timeout",
            )
        return left

    def report(self, **more: Any) -> Report:
        """A report with the time it took so far."""
        return Report(
            command=self.command,
            environment=self.environment,
            given=self.given,
            env_file=self.env_file,
            started_at=self.started_at,
            duration_ms=round((time.monotonic() - self.began) * 1000),
            **more,
        )


def seconds_for_looks(left: float) -> float:
    """How long the looks may take of the time that is left, both in seconds."""
    return max(left - MARGIN_SECONDS, left / 2)


def of_scenario(scenario: Scenario, frame: Frame, read: Read, terms: Terms) -> Report:
    """Investigate and judge: the report of a check, also where its subject is absent or ambiguous."""
    frame = replace(frame, started_at=terms.now())
    return of_evidence(scenario, frame, gather(scenario, read, frame.given, terms))


def of_evidence(scenario: Scenario, frame: Frame, gathered: tuple[Evidence, ...]) -> Report:
    """Judge what was gathered, now or once: nothing is asked, and the frame's moment is that of the looks."""
    evidence = _unsure(scenario, gathered)
    by = f"{scenario.section}.{scenario.name.replace('-', '_')}"
    return replace(_of_evidence(scenario, frame, evidence), scenario=by, gathered=evidence)


def _of_evidence(scenario: Scenario, frame: Frame, evidence: tuple[Evidence, ...]) -> Report:
    malformed = next((each.error for each in evidence if each.error and each.error.code.endswith(".malformed")), None)
    if malformed:
        raise NotConfigured(malformed.message, hint=malformed.hint, code=malformed.code, source=malformed.source)
    lost = _without_subject(scenario, frame, evidence)
    if lost is not None:
        return lost
    outcomes = diagnose(scenario, evidence)
    judged = verdict.rule(scenario, outcomes, evidence)
    return frame.report(
        status=judged.status,
        exit_code=verdict.exit_code(judged.status, frame.fail_on),
        verdict=judged.ruling,
        findings=judged.findings,
        outcomes=outcomes,
        evidence=evidence,
        data=_data(scenario, evidence),
        next=_next(judged.findings),
        warnings=(*_warnings(evidence), *scenario.warns(Facts(evidence))),
    )


def rejudged(scenario: Scenario, found: Report, *, without: tuple[str, ...]) -> Report:
    """The same investigation without what these looks brought: what its verdict would be otherwise."""
    evidence = tuple(replace(each, rows=()) if each.name in without else each for each in found.evidence)
    outcomes = diagnose(scenario, evidence)
    judged = verdict.rule(scenario, outcomes, evidence)
    return replace(
        found,
        status=judged.status,
        exit_code=verdict.EXIT[judged.status],
        verdict=judged.ruling,
        findings=judged.findings,
        outcomes=outcomes,
        evidence=evidence,
        gathered=evidence,
        next=_next(judged.findings),
    )


def _next(findings: tuple[Finding, ...]) -> tuple[str, ...]:
    """What the findings lead to, the verdict's first; a fix is named for the verdict alone: it acts on no other."""
    told = [
        each
        for number, finding in enumerate(findings)
        for each in finding.next
        if number == 0 or not each.startswith(_acting())
    ]
    return tuple(dict.fromkeys(told))


def _acting() -> tuple[str, ...]:
    """How the command lines of the fixes begin."""
    from peakops.scenarios import FIXES

    return tuple(f"peakops {name.replace('.', ' ').replace('_', '-')} " for name in FIXES)


def _data(scenario: Scenario, evidence: tuple[Evidence, ...]) -> Row:
    try:
        return scenario.data(Facts(evidence))
    except Exception:  # noqa: BLE001  (what could not be read well enough to be shown is in the evidence still)
        return {}


def _unsure(scenario: Scenario, evidence: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """
    The evidence, in which a subject that was not found is silence if a look-up before it was silent.

    That look might have led to it: a blind or silent look-up is unknown, never `not found`.
    """
    looks = [each for each in evidence if each.name in scenario.subject]
    if not looks:
        return evidence
    last, silent = looks[-1], next((each for each in looks if each.error), None)
    if last.rows or last.error or silent is None or silent.error is None:
        return evidence
    says = f"{last.name}: not found without '{silent.name}', which was silent: {silent.error.message}"
    unknown = replace(last, error=replace(silent.error, message=says), consequence=True)
    return tuple(unknown if each is last else each for each in evidence)


def _without_subject(scenario: Scenario, frame: Frame, evidence: tuple[Evidence, ...]) -> Report | None:
    """The report where the subject is absent or ambiguous; a scenario without a subject has none of it."""
    looks = [each for each in evidence if each.name in scenario.subject]
    if not looks:
        return None
    last = looks[-1]
    if last.error or len(last.rows) == 1:
        return None
    given = str(next(iter(frame.given.values()), ""))
    if last.rows:
        more = "more than " if last.notes else ""
        says = f"'{given}' fits {more}{len(last.rows)} {scenario.plural}; name one of them."
        code, exit_code = "ambiguous", Exit.AMBIGUOUS
    else:
        says = scenario.absent(given)
        code, exit_code = "not_found", Exit.NOT_FOUND
    words = scenario.guide.ends[code]
    known = last.rows or _near(scenario, evidence)
    candidates = [scenario.candidate(row) for row in known[:CANDIDATES]]
    commands = [typed(f"peakops {frame.command}", str(each["id"])) for each in candidates]
    sources = Sources(asked=len({each.source for each in looks}), answered=len({each.source for each in looks}))
    return frame.report(
        status=Status.ERROR,
        exit_code=exit_code,
        verdict=Ruling(code=code, title=words.title, says=says, sources=sources, do=words.do, customer=words.customer),
        evidence=tuple(looks),
        data={"candidates": candidates},
        truncated={"shown": len(candidates), "total": None} if last.notes else None,
        warnings=last.notes,
        next=(*commands, *(typed(f"peakops {each}", given) for each in words.next)),
        error=Fault(code=code, category=code, message=says, hint=commands[0] if commands else words.do),
    )


def _near(scenario: Scenario, evidence: tuple[Evidence, ...]) -> tuple[Row, ...]:
    """What resembles a subject that is not there; nothing where it could not be looked for."""
    try:
        return scenario.near(Facts(evidence))
    except Missing:
        return ()


def _warnings(evidence: tuple[Evidence, ...]) -> tuple[str, ...]:
    silent = [each for each in evidence if each.error and not each.consequence]
    said = [
        f"{each.name} ({each.source}): {each.error.message} {each.error.hint}".strip() for each in silent if each.error
    ]
    return tuple(said)


def of_error(frame: Frame, error: PeakopsError) -> Report:
    """The report of a command that an error ended."""
    named = error.category if error.category in ("not_found", "ambiguous") else None
    ruling = (
        Ruling(code=named, title=named.replace("_", " ").capitalize(), says=error.says, do=error.hint)
        if named
        else None
    )
    return frame.report(status=status_of(error), exit_code=error.exit_code, error=fault_of(error), verdict=ruling)


def status_of(error: PeakopsError) -> Status:
    """Whether an error is a refusal or a failure."""
    return Status.REFUSED if error.exit_code in REFUSED else Status.ERROR


def of_lines(frame: Frame, lines: list[str], data: Row, **more: Any) -> Report:
    """The report of a command without a verdict: lines for people, data for scripts."""
    return frame.report(lines=tuple(lines), data=data, **more)
