"""How a plan is confirmed: by its class, on a terminal or in a script, as the contract says."""

import shlex
import unicodedata
from collections.abc import Callable

from peakops.cli import prompt
from peakops.errors import Denied, NotConfirmed, UsageFault
from peakops.plan import Grade, Plan
from peakops.settings import WriteKeys


def expected(plan: Plan, environment: str) -> str:
    """What is typed, or given with --confirm: the object's name, and the environment before it where it is final."""
    name = plan.subject.known_as or plan.subject.name
    return f"{environment}/{name}" if plan.grade is Grade.IRREVERSIBLE else name


def justified(confirm: str | None, reason: str) -> None:
    """A confirmation in a script needs its reason. Raises UsageFault."""
    if confirm is not None and not reason.strip():
        raise UsageFault("--confirm changes something and needs --reason.", hint="Add --reason 'why'.")


def permitted(keys: WriteKeys, *plans: Plan) -> None:
    """Whether the credentials that these plans take are there. Raises Denied for the first that is not."""
    lacking = keys.missing({action.via for plan in plans for action in plan.actions} | {"database"})
    if lacking:
        says = f"{lacking} is not set, so nothing can be changed; this is what would be done."
        hint = f"Set {lacking} or {lacking}_FILE; see docs/settings.md."
        raise Denied(says, hint=hint, code="fix.no_write_access")


def confirmed(
    plan: Plan,
    environment: str,
    *,
    yes: bool,
    confirm: str | None,
    show: Callable[[], None],
    again: Callable[[str], str],
) -> None:
    """
    Return where the plan is confirmed; `show` puts it before a person who is then asked.

    `again` is the command line once more, with the options that confirm by themselves. Raises NotConfirmed where it is
    declined, another object is named, or a prompt is needed and there is no terminal.
    """
    wanted = expected(plan, environment)
    if confirm is not None:
        if not _fits(confirm, plan, environment):
            says = f"--confirm names '{confirm}', and the plan is about '{wanted}'; nothing was changed."
            raise NotConfirmed(says, hint=again(_by_itself(plan, wanted)))
        return
    if yes and plan.grade is Grade.REVERSIBLE:
        return
    if not prompt.on_terminal():
        says = "The plan was not confirmed, and there is no terminal to ask on; nothing was changed."
        raise NotConfirmed(says, hint=again(_by_itself(plan, wanted)))
    show()
    _ask(plan, wanted, environment, again)


def _fits(said: str, plan: Plan, environment: str) -> bool:
    """Whether somebody names the plan's object: by what people call it, by its id, or the one thing that is changed."""
    changed = [each.params.get("charge") or each.params.get("intent") for each in plan.actions if each.at_vendor]
    of, alone = plan.subject, changed[0] if len(changed) == 1 else None
    names = [each for each in (of.name, of.id, of.known_as, alone) if each]
    if plan.grade is Grade.IRREVERSIBLE:
        names = [f"{environment}/{each}" for each in names]
    return _plain(said) in map(_plain, names)


def _plain(name: str) -> str:
    """A name as it is compared: in lower case, since 'ß' and 'ss' share their capitals, and an umlaut as one letter."""
    return unicodedata.normalize("NFC", name.strip()).lower()


def _ask(plan: Plan, wanted: str, environment: str, again: Callable[[str], str]) -> None:
    reversible = plan.grade is Grade.REVERSIBLE
    said = prompt.line("Carry it out? [y/N] " if reversible else f"Type {wanted} to carry it out: ")
    if not (said.strip().lower() in ("y", "yes") if reversible else _fits(said, plan, environment)):
        raise NotConfirmed("The plan was declined; nothing was changed.", hint=again(_by_itself(plan, wanted)))


def _by_itself(plan: Plan, wanted: str) -> str:
    """The options that confirm in a script."""
    return "--yes" if plan.grade is Grade.REVERSIBLE else f"--confirm {shlex.quote(wanted)} --reason TEXT"
