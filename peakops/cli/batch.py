"""Many fixes at once: one list, one confirmation, and then each as if it were run alone."""

import time
from contextlib import suppress
from dataclasses import replace

from peakops import render
from peakops.backlog import Swept
from peakops.cli import confirm
from peakops.cli.commands import Run
from peakops.cli.invocation import ended
from peakops.cli.planned import Planned
from peakops.errors import Exit, Partial, PeakopsError, TimedOut
from peakops.investigate import fault_of
from peakops.model import Fault, Report, Status
from peakops.plan import Grade, Plan, Subject
from peakops.report import status_of

MOST_AT_ONCE = 25
"""With more objects than this a change is of the contract's class D."""
EACH_SECONDS = 30.0
"""The time limit of one fix among them, as that of a fix that is run alone."""
STOPPING = {"auth": Exit.DENIED, "rate_limit": Exit.TEMPORARY}
"""Errors that the next one would meet too, with their exit codes: it is not tried, since that locks a user out."""
ENDED = (Exit.INTERRUPTED, Exit.TERMINATED)
FEW = 10
"""How many subjects a note names; each plan has its own notes in the data."""
AGAIN = "Run it again: what is done is not done twice."
OUTCOMES = ("changed", "unchanged", "refused", "failed", "not_tried", "planned")


Stop = tuple[Fault, int]
"""What stops the rest, and the exit code that it has by itself."""


class Batch:
    """One run of many fixes; `items` are what the sweep found that they remedy."""

    def __init__(self, run: Run, swept: Swept, planned: list[Planned], *, total: int, noun: str, again: str) -> None:
        """`total` is how many could be changed, `again` the command that plans the same once more."""
        self.ran, self.swept, self.planned = run, swept, planned
        self.total, self.noun, self.again = total, noun, again
        self.plans = [each.plan for each in planned if each.plan]
        self.keys = run.invocation.write_keys()
        self.outcomes = dict.fromkeys(OUTCOMES, 0)
        self.errors: list[Fault] = []
        self.warnings: dict[str, None] = {}

    def run(self, *, dry_run: bool, confirmation: str | None) -> Report:
        """Show, confirm, and carry out one by one; whatever ends it, each has its line. Raises no PeakopsError."""
        try:
            if self.plans:
                self._say_where()
            if self.plans and not dry_run:
                self._confirm(confirmation)
        except PeakopsError as wrong:
            self._not_begun("planned")
            return self._told(status_of(wrong), wrong.exit_code, fault_of(wrong))
        if dry_run:
            self._not_begun("planned")
            return self._told(Status.PLANNED, Exit.PLANNED, None) if self.plans else self._ended(None)
        return self._ended(self._carry_out())

    def _say_where(self) -> None:
        settings = self.ran.invocation.settings()
        if settings.production or self.keys.live:
            render.notice(f"PRODUCTION: '{settings.environment}' is a real portal.", self.ran.style)

    def _confirm(self, confirmation: str | None) -> None:
        """Once for all of them. Raises NotConfirmed, Denied."""
        confirm.permitted(self.keys, *self.plans)
        whole = _whole(self.ran.frame.command, len(self.plans))

        def show() -> None:
            head = f"{len(self.plans)} {self.noun} are to be changed, each by itself. Class {whole.grade}."
            lines = (head, *(f"  {each.says}" for each in self.planned if each.plan), *self._notes())
            render.ask(replace(self.swept.report, lines=lines), self.ran.style)

        place, again = self.ran.frame.environment, lambda options: f"{self.again} {options}"
        confirm.confirmed(whole, place, yes=False, confirm=confirmation, show=show, again=again)

    def _notes(self) -> list[str]:
        """What to know before they are confirmed, each once, with the subjects of which it holds."""
        noted: dict[str, list[str]] = {}
        for each in self.plans:
            for note in each.notes:
                noted.setdefault(note, []).append(each.subject.name)
        return [f"  ! {note}  {_named(names)}" for note, names in noted.items()]

    def _not_begun(self, outcome: str) -> None:
        for each in self.planned:
            self._count(each, outcome if each.plan else each.idle, each.refused)

    def _count(self, each: Planned, outcome: str, error: Fault | None = None) -> None:
        self.outcomes[outcome] += 1
        if error:
            self.errors.append(error)
        # Who reads no further has confirmed it all the same: what was begun is ended.
        with suppress(render.Unread):
            self.ran.emit(each.row(outcome, error))

    def _carry_out(self) -> Stop | None:
        """Each in its turn; what stops the rest of them, if anything did."""
        stop: Stop | None = None
        for number, each in enumerate(self.planned, start=1):
            if stop is None:
                try:
                    stop = self._one(each)
                except KeyboardInterrupt as key:
                    stop = _stop(ended(key, f"{each.item.subject.name} was being looked at.", AGAIN))
                    # It may have come while the line of what was done was on its way out.
                    if sum(self.outcomes.values()) < number:
                        self._count(each, "not_tried")
            else:
                self._count(each, "not_tried")
        return stop

    def _one(self, each: Planned) -> Stop | None:
        if not (each.course and (each.plan or each.course.closes)):
            self._count(each, each.idle, each.refused)
            return None
        left = self.ran.frame.remaining(self.ran.timeout)
        if left <= 0:
            self._count(each, "not_tried")
            return _stop(TimedOut(f"The time limit of {self.ran.timeout:g} s was over.", code="timeout"))
        errand = each.errand
        frame = replace(errand.ran.frame, began=time.monotonic())
        errand.ran = replace(errand.ran, frame=frame, timeout=min(EACH_SECONDS, left))
        done = errand.carry_out(each.course)
        self.warnings |= dict.fromkeys(done.warnings)
        self._count(each, _outcome(done), done.error)
        return _stopping(done, errand.seen)

    def _ended(self, stop: Stop | None) -> Report:
        bad = self.outcomes["refused"] + self.outcomes["failed"] + self.outcomes["not_tried"]
        if not bad:
            changed = bool(self.outcomes["changed"])
            return self._told(Status.CHANGED if changed else Status.OK, Exit.OK, None)
        first, code = stop or (self.errors[0], Exit.PARTIAL)
        if code in ENDED:
            return self._told(Status.PARTIAL, code, replace(first, hint=AGAIN))
        if stop and bad == len(self.planned):
            return self._told(Status.ERROR, code, first)
        says = f"{bad} of {len(self.planned)} {self.noun} were not changed. {first.message}"
        wrong = Partial(says, hint=first.hint or AGAIN, source=first.source)
        return self._told(Status.PARTIAL, Exit.PARTIAL, fault_of(wrong))

    def _told(self, status: Status, exit_code: int, error: Fault | None) -> Report:
        counts = {name: count for name, count in self.outcomes.items() if count}
        data = {**self.swept.report.data, "results": counts, "plans": [each.as_data() for each in self.plans]}
        told = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items())
        beyond, others = self.total - len(self.planned), self.swept.tally.needing - self.total
        lines = [f"{status.value.upper()}  {told or 'nothing to change'}"]
        if status is Status.PLANNED:
            lines += self._notes()
        if beyond:
            lines.append(f"  {beyond} more could be changed; see --limit.")
        if others > 0:
            lines.append(f"  {others} further {self.noun} need somebody: list them without --fix.")
        if error:
            # A command of ours stands alone in its line, so that it is shown as it is to be typed.
            lines += [f"  {error.message}", error.hint if error.hint.startswith("peakops ") else f"  {error.hint}"]
        return replace(
            self.swept.report,
            status=status,
            exit_code=exit_code,
            error=error,
            lines=tuple(each for each in lines if each.strip()),
            data=data,
            warnings=(*self.swept.report.warnings, *self.warnings),
            truncated={"shown": len(self.planned), "total": self.total} if beyond else None,
        )


def _whole(command: str, count: int) -> Plan:
    """The batch as one plan, for its confirmation: it is named by how many it changes."""
    grade = Grade.IRREVERSIBLE if count > MOST_AT_ONCE else Grade.CONSEQUENTIAL
    subject = Subject(kind="batch", id=str(count), name=str(count))
    return Plan(fix=f"{command} --fix", grade=grade, subject=subject, finding="", actions=(), audit="")


def _named(names: list[str]) -> str:
    more = f" and {len(names) - FEW} more" if len(names) > FEW else ""
    return f"{', '.join(names[:FEW])}{more}"


def _outcome(done: Report) -> str:
    if done.exit_code == Exit.OK:
        return "changed" if done.status is Status.CHANGED else "unchanged"
    return "refused" if done.status is Status.REFUSED else "failed"


def _stopping(done: Report, seen: Report | None) -> Stop | None:
    """What ended it, or what the change or a look of it met that the next one would meet too."""
    if done.error and done.exit_code in ENDED:
        return done.error, done.exit_code
    met = [done.error, *(each.error for each in (seen.evidence if seen else ()))]
    first = next((each for each in met if each and each.category in STOPPING), None)
    return (first, STOPPING[first.category]) if first else None


def _stop(wrong: PeakopsError) -> Stop:
    return fault_of(wrong), wrong.exit_code
