"""From a question to findings: gather the evidence all at once, then diagnose it."""

import shlex
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from queue import Empty, SimpleQueue
from typing import Any

from peakops.errors import Bug, PeakopsError, TimedOut
from peakops.model import Brought, Cure, Evidence, Fault, Finding, Outcome, Row, Severity, Verdict, spelt, typed
from peakops.playbook import Entry, Question
from peakops.promise import Answer, Missing, kept
from peakops.scenario import Check, Facts, Look, Scenario

Read = Callable[[str, str, dict[str, Any]], Brought]
"""A source's call, by name: read("stripe", "charges_of", {"intents": [...]})."""


FAIR_SHARE = 0.5
"""A look that waited for others longer than this share of the time has had no fair chance: its source is not slow."""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """On which terms an investigation runs."""

    seconds: float
    """How long the looks may take."""
    now: Callable[[], datetime]
    """The environment's clock; the sandbox's stands still."""
    told: Callable[[int, int], None] = lambda answered, asked: None  # noqa: ARG005  (by default nobody is told)
    """Called after each answer, with how many have come of how many."""


def gather(scenario: Scenario, read: Read, given: Row, terms: Terms) -> tuple[Evidence, ...]:
    """
    Carry out every look of a scenario at once, and return what was there when the time was up.

    Looks run in daemon threads, since a thread that hangs cannot be cancelled and an executor would join it
    at exit. A look that has not answered by then is evidence too: of silence.
    """
    crew = _Crew(read, terms)
    scenario.gather(Look(crew), **given)
    return crew.answers()


class _Crew:
    """One daemon thread a look, and a queue on which answers come in."""

    def __init__(self, read: Read, terms: Terms) -> None:
        self._read, self._terms = read, terms
        self._arrived: SimpleQueue[Evidence] = SimpleQueue()
        self._order: list[tuple[str, str, Answer]] = []
        self._reading: dict[str, float] = {}
        self._began = time.monotonic()

    def ask(self, answer: Answer, source: str, call: str, params: Row) -> None:
        self._order.append((answer.name, source, answer))
        run = threading.Thread(target=self._run, args=(answer, source, call, params), daemon=True)
        run.start()

    def _run(self, answer: Answer, source: str, call: str, params: Row) -> None:
        evidence = self._ask(answer.name, source, call, params)
        answer.keep(evidence)
        self._arrived.put(evidence)

    def _ask(self, name: str, source: str, call: str, params: Row) -> Evidence:
        asked = Evidence(name=name, source=source, asked=f"{source}.{call}", at=self._terms.now())
        start = time.monotonic()
        try:
            params = {key: kept(each) for key, each in params.items()}
            start = time.monotonic()
            self._reading[name] = start
            brought = self._read(source, call, params)
        except Missing as missing:
            fault = Fault(code="look.not_asked", category="upstream", message=str(missing), source=source)
            return replace(asked, error=fault, consequence=True)
        except PeakopsError as wrong:
            return replace(asked, error=fault_of(wrong, source), took_ms=_ms_since(start))
        except Exception as bug:  # noqa: BLE001  (a crash of one look is an answer too; the others are still shown)
            says = f"The look '{name}' failed inside peakops: {type(bug).__name__}: {bug}."
            return replace(asked, error=fault_of(Bug(says), source), took_ms=_ms_since(start))
        return replace(
            asked,
            asked=brought.asked or asked.asked,
            rows=brought.rows,
            single=brought.single,
            request_ids=brought.request_ids,
            notes=brought.notes,
            took_ms=_ms_since(start),
        )

    def answers(self) -> tuple[Evidence, ...]:
        deadline = self._began + self._terms.seconds
        arrived: dict[str, Evidence] = {}
        while len(arrived) < len(self._order):
            try:
                evidence = self._arrived.get(timeout=max(0.0, deadline - time.monotonic()))
            except Empty:
                break
            arrived[evidence.name] = evidence
            self._terms.told(len(arrived), len(self._order))
        return tuple(arrived.get(name) or self._silent(name, source) for name, source, _ in self._order)

    def _silent(self, name: str, source: str) -> Evidence:
        """A look that has not answered: its source is slow, unless the look still waits for another one."""
        waited = self._reading.get(name, time.monotonic()) - self._began
        if waited > self._terms.seconds * FAIR_SHARE:
            says = f"{name}: it had to wait for another look until the time was up, or nearly so."
            fault = Fault(code="look.not_asked", category="timeout", message=says, source=source)
            return Evidence(name=name, source=source, error=fault, consequence=True)
        return _late(name, source, self._terms.seconds)


def _late(name: str, source: str, seconds: float) -> Evidence:
    says = f"{spelt(source)} did not answer within {seconds:.1f} s."
    late = TimedOut(says, hint="Give more time with --timeout, or run it again.", code=f"{source}.timeout")
    return Evidence(name=name, source=source, error=fault_of(late, source), took_ms=round(seconds * 1000))


def _ms_since(start: float) -> int:
    return round((time.monotonic() - start) * 1000)


def fault_of(error: PeakopsError, source: str = "") -> Fault:
    """An error as data: what the envelope and the evidence say of it."""
    return Fault(
        code=error.code,
        category=error.category,
        message=error.says,
        hint=error.hint,
        source=error.source or source,
        retryable=error.retryable,
        retry_after_s=error.retry_after_s,
        request_id=error.request_id,
    )


def diagnose(scenario: Scenario, evidence: tuple[Evidence, ...]) -> tuple[Outcome, ...]:
    """Answer the playbook's questions one by one, from the evidence alone."""
    return tuple(_answer(scenario, question, check, Facts(evidence)) for question, check in scenario.steps())


def _answer(scenario: Scenario, question: Question, check: Check | None, facts: Facts) -> Outcome:
    if check is None:
        return Outcome(verdict=Verdict.BY_HAND, says=question.by_hand, name=question.name, asks=question.asks)
    try:
        outcome = check(facts)
    except Missing as missing:
        outcome = Outcome(verdict=Verdict.UNKNOWN, says=str(missing))
    except Exception as bug:  # noqa: BLE001  (a crash of one check is unknown too; the others still judge)
        says = f"peakops could not judge what it read: {type(bug).__name__}: {bug}."
        outcome = Outcome(verdict=Verdict.UNKNOWN, says=says)
    finding = _finding(scenario, question, outcome, facts)
    return replace(outcome, name=question.name, asks=question.asks, finding=finding)


def _finding(scenario: Scenario, question: Question, outcome: Outcome, facts: Facts) -> Finding | None:
    if outcome.verdict is not Verdict.FOUND:
        return None
    entry, read = question.entry(outcome.row), tuple(facts.read)
    fix = _cure(entry, outcome, scenario, facts) if entry.fix and outcome.curable else None
    leads = [_typed(each, scenario, facts) for each in entry.next if outcome.curable and each not in outcome.without]
    return Finding(
        code=outcome.code,
        severity=entry.severity,
        question=question.name,
        says=outcome.says,
        title=entry.title,
        means=entry.means,
        do=outcome.instead.get("do", entry.do),
        playbook=f"{scenario.section}.{scenario.name}.{question.name}.{entry.code}",
        cause=outcome.cause,
        evidence=read,
        next=(*outcome.next, *((fix.command,) if fix else ()), *leads),
        fix=fix,
        customer=outcome.instead.get("customer", entry.customer) if entry.tell else scenario.guide.concealed,
        aside=entry.aside,
    )


def _cure(entry: Entry, outcome: Outcome, scenario: Scenario, facts: Facts) -> Cure:
    """The command that remedies the row, as it is typed."""
    command = " ".join((_typed(entry.fix, scenario, facts), *map(shlex.quote, outcome.arguments)))
    return Cure(command=command, grade=entry.grade)


def _typed(command: str, scenario: Scenario, facts: Facts) -> str:
    """A command of the playbook with its subject: `payment mark-paid` is peakops payment mark-paid INV-123."""
    return typed(f"peakops {command}", scenario.called(facts))


def worst_first(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Critical findings, then warnings, then ok rows, each in the playbook's order; what is only told comes last."""
    order = (Severity.CRITICAL, Severity.WARNING, Severity.OK)
    return tuple(sorted(findings, key=lambda finding: (finding.aside, order.index(finding.severity))))
