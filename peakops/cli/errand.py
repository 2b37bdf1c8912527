"""One run of a fix: it looks, plans, asks, looks again under the lease, applies, and looks once more."""

import shlex
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from peakops import fix_reports, remedy, render, report, unfinished
from peakops.cli import confirm, revealing, watch
from peakops.cli.asked import asked_for, required
from peakops.cli.commands import Run
from peakops.cli.invocation import ended
from peakops.cli.scenario_commands import investigated
from peakops.errors import Changed, Exit, Partial, PeakopsError, Unverified
from peakops.fix import Fix
from peakops.model import Report, typed
from peakops.plan import Plan, Step
from peakops.remedy import Course
from peakops.scenario import Facts, Scenario
from peakops.settings import WriteKeys

LOOK_SHARE = 0.5
"""Of the time limit, what the looks before the plan may take; the looks after it have the rest."""
LOOK_AGAIN_SECONDS = (10.0, 30.0)
"""What a look under the lease or after a change has at least, whatever the time limit, and at most: the lease ends."""


class Errand:
    """One run of a fix."""

    def __init__(self, fix: Fix, run: Run, given: Mapping[str, Any]) -> None:
        self.fix, self.ran, self.given = fix, run, given
        self.settings = run.invocation.settings()
        self.folder = run.invocation.journal()
        self.under_way = False
        self.one_of_many = False
        self.seen: Report | None = None
        self.private: dict[str, str] = {}
        self.secret = ""

    def look(self) -> Report:
        """The scenario alone: what the fix would act on, or what has become of it. Raises TimedOut."""
        return self._look(report.seconds_for_looks(self.ran.frame.left(self.ran.timeout)))

    def left(self) -> float:
        """The seconds that are left of the time limit; 0 where it is over."""
        return max(0.0, self.ran.frame.remaining(self.ran.timeout))

    def run(self, *, dry_run: bool, yes: bool, confirmation: str | None, until: str | None) -> Report:
        """The whole of it, and a watch until the change is final where that is asked for."""
        confirm.justified(confirmation, self.ran.reason)
        asked_for(self.ran.frame.command, self.ran.frame.given, (*required(self.fix.scenario), *self.fix.asks))
        if self.fix.reveals and not dry_run:
            revealing.possible(self.ran)
        done = self._run(dry_run=dry_run, yes=yes, confirmation=confirmation)
        if self.secret:
            done = revealing.revealed(done, self.ran, self.secret)
        if not until or done.exit_code != Exit.OK:
            return done
        try:
            return watch.watched(self.fix, self, done)
        except KeyboardInterrupt as stop:
            return fix_reports.unverified(done, ended(stop, "It was done; the watch was ended.", self._again()))

    def planned(self, found: Report) -> Course:
        """What is to be done about what was found, also by an earlier run that did not end. Raises PeakopsError."""
        return self._course(found)

    def carry_out(self, course: Course) -> Report:
        """The change as one of many that were confirmed together: looked at again under its own lease, and after it."""
        self.one_of_many = True
        try:
            return self._carry_out(course, course.plan) if course.plan else self._without_a_plan(course, dry_run=False)
        except PeakopsError as wrong:
            return fix_reports.refused(course.found, course.plan, wrong)

    def _run(self, *, dry_run: bool, yes: bool, confirmation: str | None) -> Report:
        found = self._look(report.seconds_for_looks(self.ran.frame.left(self.ran.timeout) * LOOK_SHARE))
        if found.error or found.verdict is None:
            return found
        if found.verdict.code == "unknown":
            return fix_reports.unknown(found)
        plan: Plan | None = None
        try:
            course = self._course(found)
            found, plan = course.found, course.plan
            if plan is None:
                return self._without_a_plan(course, dry_run=dry_run)
            self._say_where()
            if dry_run:
                return fix_reports.planned(found, plan)
            self._confirm(course, plan, yes, confirmation)
            return self._carry_out(course, plan)
        except PeakopsError as wrong:
            return fix_reports.refused(found, plan, wrong)

    def _look(self, seconds: float, scenario: Scenario | None = None) -> Report:
        found = investigated(scenario or self.fix.scenario, self.ran, self.ran.frame, self.settings, seconds)
        if not self.fix.rights or found.error:
            return found
        from peakops import rights

        may = rights.asked(self.fix.rights, self.settings, self._keys, self.folder)
        return replace(found, evidence=(*found.evidence, may))

    @cached_property
    def _keys(self) -> WriteKeys:
        """The credentials that write, read once it is known what the fix has found."""
        return self.ran.invocation.write_keys()

    def _look_again(self, scenario: Scenario | None = None) -> Report:
        least, most = LOOK_AGAIN_SECONDS
        self.seen = self._look(min(max(self.left(), least), most), scenario)
        return self.seen

    @property
    def _options(self) -> dict[str, Any]:
        return {**self.given, **{each: getattr(self.settings, each) for each in self.fix.limits}}

    def _course(self, found: Report) -> Course:
        facts = Facts(found.evidence)
        known = facts.known(*self.fix.scenario.subject[-1:])
        told = self._runs(facts) if known else []
        return remedy.course(self.fix, found, self._options, tuple(each for each in told if each.open))

    def _runs(self, facts: Facts) -> list[unfinished.Begun]:
        """Every change of the subject that a journal tells of: this station's, and the team's copies of the others'."""
        team = facts["team_changes"] if facts.known("team_changes") else []
        return unfinished.runs(unfinished.lines(self.folder, self.fix.subject(facts).key), team)

    def _without_a_plan(self, course: Course, *, dry_run: bool) -> Report:
        """Nothing is left to do, or a guard is against it; what was begun without any effect is over then."""
        if course.closes and not dry_run:
            from peakops import apply

            apply.settle(self._desk(course, None), course.closes)
        if course.refusal:
            raise course.refusal
        return fix_reports.nothing_to_do(course.found)

    def _say_where(self) -> None:
        if self.settings.production or self._keys.live:
            render.notice(f"PRODUCTION: '{self.settings.environment}' is a real portal.", self.ran.style)

    def _confirm(self, course: Course, plan: Plan, yes: bool, confirmation: str | None) -> None:
        confirm.permitted(self._keys, plan)

        def show() -> None:
            render.ask(fix_reports.planned(course.found, plan), self.ran.style, typed=self._words)

        def again(options: str) -> str:
            asked = {each.name: self.ran.frame.given.get(each.name) for each in self.fix.scenario.arguments[1:]}
            given = {**{name: value for name, value in asked.items() if name not in self.fix.asks}, **self.given}
            own = [f"--{option(name)} {shlex.quote(str(value))}" for name, value in given.items() if value]
            line = typed(" ".join((f"peakops {plan.fix}", options, *own)), plan.subject.argument)
            return " ".join((line, *(shlex.quote(self.ran.frame.given[each]) for each in self.fix.asks)))

        place = self.ran.frame.environment
        confirm.confirmed(plan, place, yes=yes, confirm=confirmation, show=show, again=again)

    @property
    def _words(self) -> tuple[str, ...]:
        """What the operator typed, which is shown as typed."""
        return tuple(str(each) for each in self.ran.frame.given.values())

    def _desk(self, course: Course, plan: Plan | None) -> Any:
        from peakops import apply

        name = plan.subject.name if plan else course.closes[0].plan.subject.name
        told = self._runs(Facts(course.found.evidence)) if plan else []
        return apply.Desk(
            folder=self.folder,
            command=f"peakops {self.fix.command} {name}",
            reason=self.ran.reason,
            settings=self.settings,
            keys=self._keys,
            still=self._still(course),
            refused=unfinished.refused(told, plan.hash) if plan else {},
            private=self.private,
        )

    def _still(self, course: Course) -> Callable[[], None]:
        """What looks under the lease whether the plan is still the one that follows from what is seen."""

        def still() -> None:
            again = self._course(self._look_again())
            if again.same_as(course):
                self.under_way = True
                return
            why = f": {again.refusal.says}" if again.refusal else "."
            says = f"The state is not the one that was planned for any more{why}"
            raise Changed(says, hint=f"Nothing was done. {self._again()}")

        return still

    def _carry_out(self, course: Course, plan: Plan) -> Report:
        from peakops import apply

        self.private |= {"reason": self.ran.reason, **self.fix.private(Facts(course.found.evidence))}
        try:
            steps, warnings = apply.apply(plan, self._desk(course, plan), course.goes_on, course.closes)
        except KeyboardInterrupt as stop:
            raise (ended(stop, "The change was under way.", apply.AGAIN) if self.under_way else ended(stop)) from None
        if self.fix.reveals:
            known = {each: getattr(self.settings, each) for each in self.fix.limits}
            self.secret = self.fix.reveals(Facts(course.found.evidence), {**known, **self.private})
        done = fix_reports.changed(course.found, plan, steps, course.found, warnings)
        for each in () if self.one_of_many else warnings:
            render.notice(each, self.ran.style)
        try:
            return self._verified(course, plan, steps, warnings)
        except KeyboardInterrupt as stop:
            return fix_reports.unverified(done, ended(stop, "It was done, and not looked at again.", self._again()))

    def _verified(self, course: Course, plan: Plan, steps: tuple[Step, ...], warnings: tuple[str, ...]) -> Report:
        """Look again: the finding must be gone, and nothing worse in its place; else it is done and not confirmed."""
        again = self._look_again(self.fix.after(Facts(course.found.evidence)) if self.fix.after else None)
        changed = fix_reports.changed(again, plan, steps, course.found, warnings)
        still = remedy.unconfirmed(self.fix, plan, again, self._options)
        if not still:
            return changed
        if course.goes_on and again.verdict and again.verdict.code == plan.finding:
            says = f"What was begun before is done; the verdict is still '{plan.finding}'. {again.verdict.says}"
            return fix_reports.partial(changed, Partial(says, hint=f"Run the same command again. {self._again()}"))
        says = f"It was done, and the look afterwards {still}"
        return fix_reports.unverified(changed, Unverified(says, hint=self._again()))

    def _again(self) -> str:
        given = next(iter(self.ran.frame.given.values()), "")
        return typed(f"peakops {self.fix.scenario.command}", str(given))


def told(report: Report, run: Run) -> Report:
    """The report with everything that was typed, the options of the fix too."""
    return replace(report, given=run.frame.given)


def option(name: str) -> str:
    """How a parameter is typed: `expect_practice` as --expect-practice, and `for_`, which Python keeps for itself."""
    return name.rstrip("_").replace("_", "-")
