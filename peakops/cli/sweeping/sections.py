"""The register of the sections: what each is looked at with, which is its own command's function, and no other."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

from peakops import report
from peakops.cli.commands import Run
from peakops.cli.scenario_commands import investigated
from peakops.model import Report, Row, Severity
from peakops.scenario import Scenario

DUE = "due"
"""What the leases' own table calls a lease that is over and not taken back."""


@dataclass(frozen=True, kw_only=True)
class Section:
    """One section: its name, and how it is looked at; its rows go out by the run that it is given."""

    name: str
    command: str
    look: Callable[[Run], Report]


def _listed(module: str, name: str) -> Callable[[Run], Report]:
    """A list command's own function."""

    def look(run: Run) -> Report:
        found: Report = getattr(import_module(f"peakops.cli.{module}"), name)(run)
        return found

    return look


def _judged(module: str, rows: Callable[[Report], Iterable[Row]], *, windowed: bool = False) -> Callable[[Run], Report]:
    """A scenario, with what it found as rows."""

    def look(run: Run) -> Report:
        scenario: Scenario = import_module(f"peakops.scenarios.{module}").SCENARIO
        settings = run.invocation.settings()
        frame = run.windowed(settings.now()) if windowed else run.frame
        seconds = report.seconds_for_looks(frame.left(run.timeout))
        found = investigated(scenario, run, frame, settings, seconds)
        for each in rows(found):
            run.emit(each)
        return found

    return look


def _row(subject: str, found: Any, says: str, next: Iterable[str]) -> Row:
    told = {"subject": subject, "verdict": found.code, "severity": found.severity.value, "cause": found.cause}
    return {**told, "says": f"{subject}  {found.code}  {says}", "next": list(next)}


def _findings(found: Report, subject: Callable[[Any], str]) -> list[Row]:
    command = f"peakops {found.command}"
    return [
        _row(subject(each), each, each.says, each.next or (command,))
        for each in found.findings
        if each.severity is not Severity.OK
    ]


def webhooks(found: Report) -> Iterable[Row]:
    """Each event that went wrong, by the finding that it belongs to; and what is wrong with the endpoints."""
    by_gap = {each.code: each for each in found.findings}
    events = found.data.get("items", ())
    for event in events:
        if event["gap"] in by_gap:
            each = by_gap[event["gap"]]
            next = [f"peakops payment webhooks --since {found.given['since']:%Y-%m-%d}"]
            yield {**_row(event["event"], each, f"{event['event_type']}: {each.title}.", next), "at": event["at"]}
    gaps = {event["gap"] for event in events}
    yield from (each for each in _findings(found, lambda _: "endpoints") if each["verdict"] not in gaps)


def leases(found: Report) -> Iterable[Row]:
    """Each lease that is due and was not taken back; and that the sweep that takes them back is not on."""
    for each in found.findings:
        if each.code == DUE:
            late = (lease for lease in found.data["items"] if lease["due"])
            yield from ({**_row(one["subject"], each, one["says"], each.next), "at": one["until"]} for one in late)
    yield from (each for each in _findings(found, lambda _: "leases") if each["verdict"] != DUE)


def database(found: Report) -> Iterable[Row]:
    """Each question about the database that found something."""
    return _findings(found, lambda each: str(each.question))


REGISTER = (
    Section(name="payments", command="payment reconcile", look=_listed("payment.reconcile", "reconcile")),
    Section(name="webhooks", command="payment webhooks", look=_judged("payment.webhooks", webhooks, windowed=True)),
    Section(name="invitations", command="invitation backlog", look=_listed("invitation.backlog", "backlog")),
    Section(name="cases", command="case backlog", look=_listed("case.backlog", "backlog")),
    Section(name="labels", command="shipping backlog", look=_listed("shipping.backlog", "backlog")),
    Section(name="notifications", command="notify sweep", look=_listed("notify.sweep", "sweep")),
    Section(name="security", command="security hunt", look=_listed("security.hunt", "hunt")),
    Section(name="leases", command="security leases", look=_judged("security.leases", leases)),
    # The last: it leaves a transaction open.
    Section(name="database", command="perf db", look=_judged("perf.db", database)),
)
"""In the order in which they are looked at: what costs the practices most comes first."""
NAMES = tuple(each.name for each in REGISTER)


def own(section: Section, run: Run, rows: Any, seconds: float) -> Run:
    """The run of a section within the sweep's: with its own time limit, and its rows handed on."""
    frame = replace(run.frame, command=section.command, given={}, began=time.monotonic())
    return replace(run, frame=frame, stream=rows, timeout=seconds)
