"""What a recognised thing leads to: which row it is, which checks apply, and all of them run at the same time."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from importlib import import_module
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from peakops import report
from peakops.cli import completion, triage_further, weather
from peakops.cli.commands import Run
from peakops.errors import Bug, NotFound, PeakopsError, TimedOut
from peakops.investigate import Terms
from peakops.model import Report
from peakops.report import Frame
from peakops.scenario import Scenario
from peakops.triage import Thing
from peakops.triaged import Checked

if TYPE_CHECKING:
    from peakops.sources import Sources

Look = Callable[[], list[dict[str, Any]]]
"""Brings the rows that a thing is: `id` (None where any), `kind`, `name`, and perhaps a `note`."""
MONEY = ("payment.check", "payment.duplicates")
CHECKS = {
    **dict.fromkeys(("invoice", "payment"), MONEY),
    "stripe": (*MONEY, "payment.events"),
    "email": ("user.check", "invitation.check", "notify.check", "payment.check"),
    **dict.fromkeys(("user", "session"), ("user.check", "notify.check")),
    "invitation": ("invitation.check",),
    "notification": ("notify.check",),
    "case": ("case.check", "shipping.check"),
    "salesforce": ("case.check",),
    **dict.fromkeys(("shipment", "tracking"), ("shipping.check",)),
    "network": ("security.network",),
    "practice": (),
}
"""The scenarios that apply, by kind of thing. A person's time line is not among them: it reads days of logs."""
DIRECT = ("pi_", "ch_", "py_")
"""Ids of Stripe's that the payment's checks take as they are."""
LOOKED_UP = 0.4
"""Which part of the time it may take to look up what an id is of."""
GRACE_S = 0.2
"""Beyond the looks' own end: a check that has looked still judges."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A thing, and the row that it turned out to be: its kind, and the name that the checks take."""

    thing: Thing
    kind: str
    name: str
    note: str = ""
    """What else the thing leads to."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """One check of a subject, or what else is told of it."""

    subject: Subject
    command: str
    """Empty of what is no check."""
    work: Callable[[], Report]


@dataclass(frozen=True, kw_only=True)
class _Looking:
    """What all checks of one run share."""

    frame: Frame
    sources: "Sources"
    now: Callable[[], datetime]
    deadline: float
    """A moment of the monotonic clock: the end of all looks."""

    def jobs(self, subjects: Sequence[Subject]) -> list[Job]:
        """The checks of each subject, and what else is told of it."""
        jobs = list[Job]()
        for each in subjects:
            for scenario in map(_scenario, CHECKS[each.kind]):
                jobs.append(Job(subject=each, command=scenario.command, work=partial(self.judged, each, scenario)))
            if told := triage_further.LOOKS.get(each.kind):
                work = partial(told, each.name, self.frame, self.sources.read, self.now())
                jobs.append(Job(subject=each, command="", work=work))
        return jobs

    def judged(self, subject: Subject, scenario: Scenario) -> Report:
        """One check, in the time that is left."""
        asked = replace(self.frame, command=scenario.command, given={scenario.arguments[0].name: subject.name})
        terms = Terms(now=self.now, seconds=max(0.1, self.deadline - time.monotonic()))
        return report.of_scenario(scenario, asked, self.sources.read, terms)


def checked(run: Run, things: Sequence[Thing]) -> list[Checked]:
    """Every check of every thing. Raises NotConfigured, TimedOut."""
    settings, frame = run.invocation.settings(), run.frame
    seconds = report.seconds_for_looks(frame.left(run.timeout))
    deadline = time.monotonic() + seconds
    looking = _Looking(frame=frame, sources=run.sources(settings, deadline), now=settings.now, deadline=deadline)
    sky = weather.watched(settings, run.invocation.journal())
    direct = [Subject(thing=each, kind=each.kind, name=each.name) for each in things if not _looked_up(each)]
    jobs = looking.jobs(direct)
    first = begun([each.work for each in jobs], frame)
    # What is looked up has a connection of its own, and a part of the time: where it hangs, no check waits for it.
    apart = run.sources(settings, time.monotonic() + seconds * LOOKED_UP)
    subjects, lost = _resolved([each for each in things if _looked_up(each)], apart, frame)
    known = {(each.kind, each.name) for each in direct}
    further = looking.jobs([each for each in subjects if (each.kind, each.name) not in known])
    second = begun([each.work for each in further], frame)
    reports = [found for each in (first, second) for found in ended(each, frame, deadline + GRACE_S)]
    for found in reports:
        completion.remember(frame.environment, found)
    pairs = zip((*jobs, *further), reports, strict=True)
    return [*lost, *(_checked(job, sky.told(found, run.style)) for job, found in pairs)]


def _checked(job: Job, found: Report) -> Checked:
    thing = replace(job.subject.thing, name=job.subject.name)
    return Checked(thing=thing, command=job.command, report=found, note=job.subject.note)


def _scenario(name: str) -> Scenario:
    scenario: Scenario = import_module(f"peakops.scenarios.{name}").SCENARIO
    return scenario


@dataclass(frozen=True, kw_only=True)
class Begun:
    """Works that have been begun, and where each puts what it brings, with its place."""

    count: int
    came: "SimpleQueue[tuple[int, Report]]"


def begun(works: Sequence[Callable[[], Report]], frame: Frame) -> Begun:
    """Begin all of them at the same time. The threads are daemons: one that hangs is left behind."""
    came: SimpleQueue[tuple[int, Report]] = SimpleQueue()

    def work(index: int) -> None:
        came.put((index, _caught(works[index], frame)))

    for index in range(len(works)):
        threading.Thread(target=work, args=(index,), daemon=True).start()
    return Begun(count=len(works), came=came)


def ended(begun: Begun, frame: Frame, until: float) -> list[Report]:
    """What each brings by then (a moment of the monotonic clock), in their order; of a late one a report of that."""
    reports: dict[int, Report] = {}
    while len(reports) < begun.count:
        try:
            index, found = begun.came.get(timeout=max(0.0, until - time.monotonic()))
        except Empty:
            break
        reports[index] = found
    late = TimedOut("The check did not end in time.", hint="Give more time with --timeout.", code="timeout")
    return [reports.get(index) or report.of_error(frame, late) for index in range(begun.count)]


def _caught(work: Callable[[], Report], frame: Frame) -> Report:
    try:
        return work()
    except PeakopsError as wrong:
        return report.of_error(frame, wrong)
    except Exception as bug:  # noqa: BLE001  (a crash of one check is its result; the others are still told)
        return report.of_error(frame, Bug(f"The check failed inside peakops: {type(bug).__name__}: {bug}."))


def _resolved(things: Sequence[Thing], sources: "Sources", frame: Frame) -> tuple[list[Subject], list[Checked]]:
    """Each thing as the rows that it is, and those that are none, or of which it could not be read."""
    ids = [each.name for each in things if _is_uuid(each)]
    # UUIDs come first: all of them are one statement by primary keys, and an event may have to be asked for at Stripe.
    looks: dict[Thing, Look] = dict.fromkeys(filter(_is_uuid, things), partial(_rows_of, ids, sources))
    looks |= {each: _stripe_look(each, sources) for each in things if each.kind == "stripe"}
    answers = dict(zip(looks, _answers(list(looks.values())), strict=True))
    subjects, lost = list[Subject](), list[Checked]()
    for each, answer in answers.items():
        rows = [] if isinstance(answer, PeakopsError) else [row for row in answer if row["id"] in (each.name, None)]
        subjects += [Subject(thing=each, kind=row["kind"], name=row["name"], note=row.get("note", "")) for row in rows]
        if not rows:
            wrong = answer if isinstance(answer, PeakopsError) else NotFound(_nowhere(each))
            lost.append(Checked(thing=each, command="", report=report.of_error(frame, wrong)))
    return list({(each.kind, each.name): each for each in subjects}.values()), lost


def _answers(looks: Sequence[Look]) -> list[Any]:
    """What each look brings, or its error; a look of several things is carried out once."""
    kept: dict[int, Any] = {}
    for look in looks:
        if id(look) not in kept:
            try:
                kept[id(look)] = look()
            except PeakopsError as wrong:
                kept[id(look)] = wrong
    return [kept[id(look)] for look in looks]


def _looked_up(thing: Thing) -> bool:
    """Whether it is to be found out first what it is of."""
    return _is_uuid(thing) or (thing.kind == "stripe" and not thing.name.startswith(DIRECT))


def _is_uuid(thing: Thing) -> bool:
    return thing.kind == "uuid"


def _rows_of(ids: Sequence[str], sources: "Sources") -> list[dict[str, Any]]:
    """The rows that UUIDs are of, by one statement."""
    rows = sources.read("database", "rows", {"query": "triage/uuids", "ids": ids}).rows
    return [{**row, "id": str(row["id"])} for row in rows]


def _stripe_look(thing: Thing, sources: "Sources") -> Look:
    """The invoices that another id of Stripe's leads to: by what the portal was told, and of an event by Stripe."""

    def look() -> list[dict[str, Any]]:
        told = sources.read("database", "rows", {"query": "triage/stripe_ids", "id": thing.name})
        names = [str(row["name"]) for row in told.rows]
        note = f"{thing.name} may lead to more invoices: the newest {len(names)} were looked at." if told.notes else ""
        if not names and thing.name.startswith("evt_"):
            events = sources.read("stripe", "these_events", {"ids": [thing.name]}).rows
            names = [str(row["data_object_id"]) for row in events if str(row["data_object_id"]).startswith(DIRECT)]
        return [{"id": None, "kind": "stripe", "name": each, "note": note} for each in names]

    return look


def _nowhere(thing: Thing) -> str:
    if thing.kind == "uuid":
        return f"No table that peakops looks in has a row {thing.name}."
    return f"Nothing of the portal's leads from {thing.name} to an invoice."
