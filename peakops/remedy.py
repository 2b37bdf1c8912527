"""From an investigation to a plan, or to the reason why there is none."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from peakops import resume
from peakops.errors import Locked, Refused
from peakops.fix import Fix
from peakops.model import Report, Status, spelt, typed
from peakops.plan import Action, Plan
from peakops.report import rejudged
from peakops.scenario import Facts
from peakops.unfinished import Begun, busy

JOURNALS = ("changes", "team_changes")
"""The looks that tell whether a change was begun: in this station's journal, and in the team's copies of others."""


@dataclass(frozen=True, kw_only=True)
class Course:
    """What is to be done: the plan, or none where nothing is left to do, and on what it rests."""

    found: Report
    plan: Plan | None
    goes_on: Begun | None = None
    """The plan is one that was begun."""
    closes: tuple[Begun, ...] = ()
    """What was begun without any effect, and is closed before anything else."""
    refusal: Refused | None = None
    """Why there is no plan, where one was asked for."""

    def same_as(self, other: "Course") -> bool:
        """Whether it comes to the same, step by step."""
        mine, theirs = (
            (each.plan.hash, each.plan.begun, each.plan.skips) if each.plan else None for each in (self, other)
        )
        return mine == theirs and [each.run for each in self.closes] == [each.run for each in other.closes]


def course(fix: Fix, found: Report, options: Mapping[str, Any], begun: tuple[Begun, ...]) -> Course:
    """
    The changes that remedy the verdict of an investigation that has just run.

    What was begun and had an effect at a vendor is finished first; what had none is closed, and planned anew from
    what is seen now. Raises Refused where the verdict is none that the fix remedies, or a guard is against it.
    """
    facts = Facts(found.evidence)
    _readable(fix, found, facts)
    _alone(facts)
    if not begun:
        return _planned_anew(fix, found, options)
    sound = rejudged(fix.scenario, found, without=JOURNALS)
    if fix.outranks:
        begun, others = resume.parted(fix, begun)
        return _noting(_course(fix, found, sound, options, begun, others), others)
    resume.ours(fix, begun)
    return _course(fix, found, sound, options, begun)


def _course(
    fix: Fix,
    found: Report,
    sound: Report,
    options: Mapping[str, Any],
    begun: tuple[Begun, ...],
    others: tuple[Begun, ...] = (),
) -> Course:
    """What is to be done where something was begun: by the verb itself, or by others that are closed."""
    facts = Facts(found.evidence)
    _heard(fix, found, facts)
    told = [resume.informed(fix, each, facts) for each in begun]
    effective = next((each for each in told if resume.at_a_vendor(each) or (fix.final and each.done)), None)
    if effective is None:
        if begun:
            _patient(fix, begun, facts)
        return _planned_anew(fix, sound, options, closes=(*begun, *others))
    _not_another(fix, effective, options)
    wanted = _asked_for(fix, sound, options)
    # What people call the subject is not in the journal: it is taken from what was just looked at.
    overtaken = fix.overtaken(facts, effective.plan)

    def asked(each: Action) -> bool:
        return (fix.outranks and not each.at_vendor) or any(map(each.does_as, wanted))

    rest = resume.rest(effective, asked, overtaken=overtaken)
    return Course(found=found, plan=replace(rest, subject=fix.subject(facts)), goes_on=effective, closes=others)


def _noting(course: Course, others: tuple[Begun, ...]) -> Course:
    """The same, its plan telling what it puts an end to."""
    notes = tuple(
        f"'{each.plan.fix}' was begun at {each.since} by {each.operator} and is not finished: it is closed, and "
        "nothing goes on with it."
        for each in others
    )
    return replace(course, plan=replace(course.plan, notes=(*course.plan.notes, *notes))) if course.plan else course


def _patient(fix: Fix, begun: tuple[Begun, ...], facts: Facts) -> None:
    """Raises Refused while the vendor may not show yet what the last attempt did, so that no twin could be seen."""
    last, now = max(begun, key=lambda each: each.since), facts.at("changes")
    lag = fix.lag(last.plan)
    until = datetime.fromisoformat(last.since) + lag
    if lag and now and now < until:
        vendor = spelt(last.plan.actions[0].via)
        says = f"What {last.operator} began at {last.since} may have been done, and {vendor} may not show it yet."
        raise Refused(says, hint=f"Run it again after {until:%H:%M:%S} UTC.", code="fix.too_soon")


def _not_another(fix: Fix, begun: Begun, options: Mapping[str, Any]) -> None:
    """What is narrowed to something else than what was begun comes after it."""
    named = [str(options[each]).strip() for each in fix.own if options.get(each)]
    held = [str(value) for action in begun.plan.actions for value in action.params.values()]
    if any(each not in held for each in named):
        says = (
            f"'{fix.command}' was begun for {' and '.join(sorted(_targets(begun.plan.actions)))}, and that comes first."
        )
        hint = begun.plan.line
        raise Refused(says, hint=hint, code="fix.unfinished_change")


def _alone(facts: Facts) -> None:
    station = busy(facts["changes"], facts["team_changes"]) if facts.known(*JOURNALS) else ""
    if station:
        raise Locked(f"It is being changed by {station}.", hint="Run it again when that run has ended.")


def _planned_anew(fix: Fix, found: Report, options: Mapping[str, Any], closes: tuple[Begun, ...] = ()) -> Course:
    try:
        plan = fresh(fix, found, options)
        doubt = fix.doubt(plan) if plan and closes else ""
        if plan and doubt and doubt not in plan.notes:
            plan = replace(plan, notes=(doubt, *plan.notes))
        return Course(found=found, plan=plan, closes=closes)
    except Refused as wrong:
        return Course(found=found, plan=None, closes=closes, refusal=wrong)


def _readable(fix: Fix, found: Report, facts: Facts) -> None:
    """A journal that cannot be trusted may hide a change that was begun; an emergency needs this station's alone."""
    vital = JOURNALS[:1] if fix.outranks else JOURNALS
    looks = [each for each in found.evidence if each.name in vital and not facts.known(each.name)]
    for error in (each.error for each in looks if each.error and not each.consequence):
        says = f"It is not known whether a change was begun before. {error.message}"
        raise Refused(says, hint=error.hint, code="fix.journal_unread")


def _asked_for(fix: Fix, found: Report, options: Mapping[str, Any]) -> list[Action]:
    """The actions that today's facts ask for; none where they do not."""
    with suppress(Refused):
        plan = fresh(fix, found, options)
        return list(plan.actions) if plan else []
    return []


def fresh(fix: Fix, found: Report, options: Mapping[str, Any]) -> Plan | None:
    """A plan from what is seen now; None where the desired state holds already."""
    code = found.verdict.code if found.verdict else ""
    facts = Facts(found.evidence)
    if code in fix.settled and fix.holds(facts, options):
        return None
    if code not in fix.remedies:
        raise _no_finding(fix, found)
    _guard(fix, found, facts, code)
    proposal = fix.propose(facts, **options)
    return Plan(
        fix=fix.command,
        grade=fix.grade,
        subject=fix.subject(facts),
        finding=code,
        actions=proposal.actions,
        audit=fix.audit,
        notes=proposal.notes,
        customer=proposal.customer,
        holds=proposal.holds,
        arguments=proposal.arguments,
    )


def _no_finding(fix: Fix, found: Report) -> Refused:
    verdict = found.verdict
    if verdict and verdict.code in fix.refuses:
        hint = found.next[0] if found.next else verdict.do
        return Refused(f"{verdict.says} {fix.refuses[verdict.code]}", hint=hint, code="fix.forbidden")
    says = f"There is nothing for '{fix.command}' to remedy"
    because = f": the verdict is '{verdict.code}'. {verdict.says}" if verdict else "."
    listed = [each.code for each in found.findings if each.code in fix.remedies]
    if listed and verdict:
        says, because = f"'{listed[0]}' was found, but '{verdict.code}' comes first", f". {verdict.says}"
    hint = found.next[0] if found.next else typed(f"peakops {fix.scenario.command}", found.named)
    return Refused(f"{says}{because}", hint=hint, code="fix.no_finding")


def _guard(fix: Fix, found: Report, facts: Facts, code: str) -> None:
    doubted = [each for each in found.findings if each.code == code and each.fix is None]
    if doubted and not fix.own_guards:
        raise Refused(doubted[0].says, hint=doubted[0].do, code="fix.doubted")
    _heard(fix, found, facts)
    against = [each for each in found.findings if each.code in fix.forbids]
    if against:
        hint = next(iter(against[0].next), against[0].do)
        raise Refused(f"{against[0].title}: {against[0].says}", hint=hint, code="fix.forbidden")


def _heard(fix: Fix, found: Report, facts: Facts) -> None:
    silent = [name for name in fix.needs if not facts.known(name)]
    if silent:
        error = next((each.error for each in found.evidence if each.name == silent[0] and each.error), None)
        why = f" {error.message}" if error else ""
        says = f"'{silent[0]}' could not be read, and may speak against it.{why}"
        hint = (error.hint if error else "") or "Restore the access, then run it again."
        raise Refused(says, hint=hint, code="fix.unproven")


def unconfirmed(fix: Fix, plan: Plan, again: Report, options: Mapping[str, Any]) -> str:
    """Why a look afterwards does not confirm a change, as the rest of a sentence; empty where it does."""
    facts = Facts(again.evidence)
    if fix.removes and again.error and again.error.category == "not_found":
        return ""
    silent = [name for name in fix.needs if not facts.known(name)]
    if silent:
        return f"could not read '{silent[0]}'."
    code = again.verdict.code if again.verdict else "nothing"
    if fix.shows and (not_shown := fix.shows(facts, plan)):
        return not_shown
    if fix.shows and code in (*fix.remedies, "unknown"):
        return ""
    narrowed = any(options.get(each) for each in fix.own)
    if code == plan.finding and not narrowed:
        return f"still finds '{code}'."
    if code == plan.finding:
        # More of the same may be left to do, but not what was asked for.
        left = _targets(_asked_for(fix, again, {**options, **dict.fromkeys(fix.own)}))
        return f"still finds '{code}'." if not left or left & _targets(plan.actions) else ""
    if again.status in (Status.CRITICAL, Status.UNKNOWN) and code not in fix.settled:
        return f"says '{code}': {again.verdict.says if again.verdict else ''}"
    return ""


def _targets(actions: Sequence[Action]) -> set[str]:
    """What is changed at a vendor; where nothing is, in the portal."""
    return {each.target for each in actions if each.at_vendor} or {each.target for each in actions}
