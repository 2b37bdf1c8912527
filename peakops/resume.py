"""What becomes of a plan that an earlier run began: what is done, what is still asked for, what is dropped."""

from collections.abc import Callable
from dataclasses import replace

from peakops.errors import Refused
from peakops.fix import Fix
from peakops.plan import Action, Plan
from peakops.scenario import Facts
from peakops.unfinished import Begun


def ours(fix: Fix, begun: tuple[Begun, ...]) -> None:
    """Raises Refused where another verb began what is open, or the journal does not hold the plan as it was made."""
    for each in begun:
        if not each.readable:
            says = f"What {each.operator} began at {each.since} cannot be read by this version of peakops."
            raise Refused(says, hint="Use the version that began it.", code="fix.unfinished_unreadable")
        subject = each.plan.subject.name
        if each.plan.fix != fix.command:
            says = f"'{each.plan.fix}' was begun for {subject} and is not finished; it comes first."
            raise Refused(says, hint=each.plan.line, code="fix.unfinished_change")
        if each.plan.hash != each.name:
            says = f"The journal does not hold the plan that was begun for {subject} as it was made."
            raise Refused(says, hint="peakops journal verify", code="fix.unfinished_unreadable")


def parted(fix: Fix, begun: tuple[Begun, ...]) -> tuple[tuple[Begun, ...], tuple[Begun, ...]]:
    """
    Of what is open, what an emergency's verb began itself, and what others began that it puts an end to.

    Left as it is: an erasure, of which what is done cannot be planned anew, and what the journal does not hold as it
    was made.
    """
    sound = [each for each in begun if each.readable and each.plan.hash == each.name]
    others = [each for each in sound if each.plan.fix != fix.command and not each.plan.subject.erased]
    return (
        tuple(each for each in sound if each.plan.fix == fix.command),
        tuple(replace(each, overruled=fix.command) for each in others),
    )


def informed(fix: Fix, begun: Begun, facts: Facts) -> Begun:
    """
    What was begun, with what is known today to be done.

    Of a vendor's step the vendor tells, since a refund that was made may have failed by now; of the portal's own, and
    of what lasts, the journal does.
    """
    ours = {number for number, each in begun.plan.steps() if fix.lasts or not _at_vendor(each)}
    recorded = {number: brought for number, brought in begun.done.items() if number in ours}
    return replace(begun, done={**recorded, **fix.happened(facts, begun.plan)})


def at_a_vendor(begun: Begun) -> bool:
    """Whether a vendor's step is done: then the rest of the plan records it, and must not be dropped."""
    return any(number in begun.done and _at_vendor(each) for number, each in begun.plan.steps())


def rest(begun: Begun, wanted: Callable[[Action], bool], *, overtaken: bool = False) -> Plan:
    """
    The plan with what is known to be done, and without the vendors' steps that today's facts do not ask for any more.

    What would record a dropped step is dropped with it. Of a step of the portal's own that records nothing, and that
    nothing asks for any more, or that was `overtaken`, the row in the audit log is left: it tells what was done at the
    vendors.
    """
    dropped: list[int] = []
    bare: list[int] = []
    for number, actions in begun.plan.steps():
        if number in begun.done or not actions:
            continue
        gone = not wanted(actions[0]) if _at_vendor(actions) else _of(actions) & set(dropped)
        if gone:
            dropped.append(number)
        elif not _at_vendor(actions) and (overtaken if _of(actions) else not all(map(wanted, actions))):
            bare.append(number)
    return replace(begun.plan, begun=tuple(sorted(begun.done)), skips=tuple(dropped), bare=tuple(bare))


def _at_vendor(actions: tuple[Action, ...]) -> bool:
    """Whether a step is a vendor's; one without actions is the audit log's row alone, and evidence is nobody's."""
    return bool(actions) and actions[0].at_vendor and not actions[0].on_disk


def _of(actions: tuple[Action, ...]) -> set[int]:
    """The steps on whose outcome these actions rest."""
    given = [each for action in actions for each in action.params.values()]
    return {each["of"] for each in given if isinstance(each, dict) and "of" in each}
