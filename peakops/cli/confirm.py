"""How a plan is confirmed: by its class, on a terminal or in a script, as the contract says."""

import select
import shlex
import sys
from collections.abc import Callable

from peakops.errors import NotConfirmed, UsageFault
from peakops.model import typed
from peakops.plan import Grade, Plan

PROMPT_SECONDS = 60.0
"""An unanswered prompt ends by then: nobody is there."""


def expected(plan: Plan, environment: str) -> str:
    """What is typed, or given with --confirm: the object's name, and the environment before it where it is final."""
    return f"{environment}/{plan.subject.name}" if plan.grade is Grade.IRREVERSIBLE else plan.subject.name


def justified(confirm: str | None, reason: str) -> None:
    """A confirmation in a script needs its reason. Raises UsageFault."""
    if confirm is not None and not reason.strip():
        raise UsageFault("--confirm changes something and needs --reason.", hint="Add --reason 'why'.")


def confirmed(plan: Plan, environment: str, *, yes: bool, confirm: str | None, show: Callable[[], None]) -> None:
    """
    Return where the plan is confirmed; `show` puts it before a person who is then asked.

    Raises NotConfirmed where it is declined, another object is named, or a prompt is needed and there is no terminal.
    """
    wanted = expected(plan, environment)
    if confirm is not None:
        if not _fits(confirm, plan, environment):
            says = f"--confirm names '{confirm}', and the plan is about '{wanted}'; nothing was changed."
            raise NotConfirmed(says, hint=_in_a_script(plan, wanted))
        return
    if yes and plan.grade is Grade.REVERSIBLE:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        says = "The plan was not confirmed, and there is no terminal to ask on; nothing was changed."
        raise NotConfirmed(says, hint=_in_a_script(plan, wanted))
    show()
    _ask(plan, wanted, environment)


def _fits(said: str, plan: Plan, environment: str) -> bool:
    """Whether somebody names the plan's object: by what people call it, by its id, or the one thing that is changed."""
    at_vendor = [each.params.get("charge") or each.params.get("intent") for each in plan.actions if each.at_vendor]
    names = [plan.subject.name, plan.subject.id, *(str(each) for each in at_vendor if len(at_vendor) == 1)]
    if plan.grade is Grade.IRREVERSIBLE:
        names = [f"{environment}/{each}" for each in names]
    return said.strip().upper() in [each.upper() for each in names]


def _ask(plan: Plan, wanted: str, environment: str) -> None:
    reversible = plan.grade is Grade.REVERSIBLE
    said = _line("Carry it out? [y/N] " if reversible else f"Type {wanted} to carry it out: ")
    if not (said.strip().lower() in ("y", "yes") if reversible else _fits(said, plan, environment)):
        raise NotConfirmed("The plan was declined; nothing was changed.", hint=_in_a_script(plan, wanted))


def _line(prompt: str) -> str:
    sys.stderr.write(prompt)
    sys.stderr.flush()
    if select.select([sys.stdin], [], [], PROMPT_SECONDS)[0]:
        return sys.stdin.readline()
    sys.stderr.write("\n")
    raise NotConfirmed(f"Nobody answered within {PROMPT_SECONDS:.0f} s; nothing was changed.")


def _in_a_script(plan: Plan, wanted: str) -> str:
    """The command that confirms by itself."""
    how = "--yes" if plan.grade is Grade.REVERSIBLE else f"--confirm {shlex.quote(wanted)} --reason TEXT"
    return typed(f"peakops {plan.fix} {how}", plan.subject.argument)
