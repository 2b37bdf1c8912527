"""What `notify check --practice` does: everybody of a practice, judged by what all of them have in common."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from peakops import report, verdict
from peakops.cli import weather
from peakops.cli.commands import Run
from peakops.errors import Exit, NotFound, PeakopsError
from peakops.model import Fault, Report, Row, Ruling, Severity, Sources, Status, typed
from peakops.report import Frame
from peakops.scenarios.notify.looks import SINCE

if TYPE_CHECKING:
    from peakops.backlog import Item
    from peakops.scenarios.notify.practice import People

NOBODY = "no_notification"
"""The verdict where the portal made nothing for anybody, as the check calls it of one person."""


def checked(run: Run, practice: str, type: str | None, channel: str | None, since: str | None) -> Report:
    """The report on the people of a practice. Raises NotConfigured where a setting is malformed."""
    from peakops.scenarios.notify.at_provider import AtProvider
    from peakops.scenarios.notify.practice import FIND, Asked, People
    from peakops.sources import Sources as Readers

    settings, folder = run.invocation.settings(), run.invocation.journal()
    sky, now = weather.watched(settings, folder), settings.now()
    windowed = replace(run, since=since or SINCE)
    begin, end = windowed.window(now)
    frame = replace(windowed.windowed(now), started_at=now)
    readers = Readers(settings, time.monotonic() + report.seconds_for_looks(frame.left(run.timeout)), folder)
    try:
        rows = readers.read("database", "rows", {"query": FIND, "practice": practice}).rows
    except PeakopsError as wrong:
        return sky.told(_unread(frame, wrong), run.style)
    named = [row for row in rows if row["exact"]]
    if len(named) != 1:
        return _not_one(frame, practice, rows)
    asked = Asked(practice=str(named[0]["id"]), since=begin, until=end, type=type, channel=channel)
    silent: dict[str, PeakopsError] = {}
    provider = AtProvider(read=readers.read, stream=readers.stream, silent=silent, since=begin)
    people, options = People(readers.read, provider, asked), _options(type, channel, since)
    return sky.told(_judged(frame, people, named[0], options), run.style)


def _options(type: str | None, channel: str | None, since: str | None) -> str:
    """What was typed beside the practice, for the check of one person: without it that may judge another mail."""
    given = {"--type": type, "--channel": channel, "--since": since}
    return "".join(f" {typed(name, value)}" for name, value in given.items() if value)


def _unread(frame: Frame, wrong: PeakopsError) -> Report:
    """The report where the portal could not be asked for the practice: unknown, as it is of one person."""
    from peakops.backlog import of_backlog
    from peakops.scenarios.notify.check import SCENARIO

    def unasked() -> Iterator["Item"]:
        raise wrong
        yield

    return of_backlog(frame, SCENARIO, unasked(), {}, lambda _: None, words="practice").report


def _not_one(frame: Frame, practice: str, rows: Sequence[Row]) -> Report:
    """The report where no practice has that name or id, or several have the name."""
    several = [row for row in rows if row["exact"]]
    candidates = [{"id": str(row["id"]), "says": f"{row['name']} ({row['status']})"} for row in several or rows]
    commands = tuple(typed(f"peakops {frame.command} --practice", each["id"]) for each in candidates)
    if not several:
        says = f"The portal has no practice of exactly that name, or that id: '{practice}'."
        wrong = NotFound(says, hint=commands[0] if commands else "Name the practice by its id, or exact name.")
        return replace(report.of_error(frame, wrong), data={"candidates": candidates}, next=commands)
    says = f"'{practice}' fits {len(several)} practices; name one of them by its id."
    hint = commands[0]
    ruling = Ruling(code="ambiguous", title="Several practices fit", says=says, do=f"Run {hint}")
    fault = Fault(code="ambiguous", category="ambiguous", message=says, hint=hint)
    return frame.report(
        status=Status.ERROR,
        exit_code=Exit.AMBIGUOUS,
        verdict=replace(ruling, sources=Sources(asked=1, answered=1)),
        data={"candidates": candidates},
        next=commands,
        error=fault,
    )


def _judged(frame: Frame, people: "People", practice: Row, options: str) -> Report:
    from peakops.backlog import WORST_FIRST, judge, of_backlog
    from peakops.scenarios.notify.at_provider import SOURCES
    from peakops.scenarios.notify.check import SCENARIO

    listed: list[Item] = []
    judged = (judge(SCENARIO, each, SOURCES, frame.started_at) for each in people.subjects())
    items = (replace(each, next=(*each.next[:-1], f"{each.next[-1]}{options}")) for each in judged)
    silent = people.provider.silent
    found = of_backlog(frame, SCENARIO, items, silent, listed.append, words="practice").report
    if found.status is Status.OK and not listed:
        found = _nobody(frame, found)
    worst_first = sorted(listed, key=lambda item: (*WORST_FIRST, Severity.OK).index(item.severity))
    rows = [each.row(frame, email=_look(each, "person")["email"], **_newest(each)) for each in worst_first]
    of = {"id": str(practice["id"]), "name": practice["name"], "active": people.active, "without": people.passed_over}
    lines = (*found.lines, *_left(people), "", *map(_line, rows))
    return replace(found, data={**found.data, "practice": of, "people": rows}, lines=lines)


def _left(people: "People") -> tuple[str, ...]:
    """A line on those who are not listed; none where everybody is, or nobody could be read."""
    if people.active == 0:
        return ("  Nobody of the practice is active.",)
    if not people.passed_over:
        return ()
    said = f"{people.passed_over} of {people.active} active people were sent nothing in that time, and are not listed."
    return (f"  {said}",)


def _look(item: "Item", name: str) -> Row:
    """A look for one thing, or the first of its rows."""
    return next(each.rows[0] for each in item.evidence if each.name == name)


def _newest(item: "Item") -> Row:
    row = _look(item, "notifications")
    return {"kind": row["type"], "channel": row["channel"]}


def _line(row: Row) -> str:
    return f"{row['severity'].upper():<8}  {row['email']}  {row['says']}"


def _nobody(frame: Frame, found: Report) -> Report:
    """That nobody was notified is no proof of anything, and a reason to look."""
    assert found.verdict is not None, "every backlog has a verdict"
    first = f"WARNING  {found.verdict.title}  [{NOBODY}]"
    return replace(
        found,
        status=Status.WARNING,
        exit_code=verdict.exit_code(Status.WARNING, frame.fail_on),
        verdict=replace(found.verdict, code=NOBODY),
        lines=(first, *found.lines[1:]),
    )
