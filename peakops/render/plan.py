"""A plan for people: each action with what it was and becomes, the exact call, and how it is taken back."""

from collections.abc import Iterator, Mapping
from typing import Any

Span = tuple[str, str]
Line = tuple[Span, ...]

GRADES = {
    "B": "one object, can be undone",
    "C": "money, access or network",
    "D": "cannot be undone, or many objects at once",
}


def lines(plan: Mapping[str, Any]) -> Iterator[Line]:
    """The plan, from its data in the envelope."""
    begun = plan["begun"]
    subject = plan["subject"].get("known_as") or plan["subject"]["name"]
    yield ((f"{plan['fix']} {subject}", "bold"), (f"  for {plan['finding']}", "dim"))
    yield ((f"  Class {plan['grade']}: {GRADES[plan['grade']]}.", "dim"),)
    if begun:
        known = ", ".join(str(each) for each in begun)
        dropped = ", ".join(str(each) for each in plan["skips"])
        left = f" Step {dropped} is not asked for any more and is left out." if dropped else ""
        yield ((f"  Begun before; done: step {known}. Only the rest is carried out.{left}", "yellow"),)
    for number, action in enumerate(plan["actions"], 1):
        yield from _action(number, action)
    yield from notes(plan)
    if plan["customer"]:
        yield (("  The customer may be told: ", "dim"), (plan["customer"], ""))


def notes(plan: Mapping[str, Any]) -> Iterator[Line]:
    """What an operator should know of the plan, before and after it."""
    for note in plan.get("notes", ()):
        yield ((f"  ! {note}", "yellow"),)


def _action(number: int, action: Mapping[str, Any]) -> Iterator[Line]:
    yield ((f"  {number}. {action['target']}", ""),)
    yield (("     was      ", "dim"), (action["was"], ""))
    yield (("     becomes  ", "dim"), (action["becomes"], "bold"))
    call = "  ".join(f"{key}={_value(value)}" for key, value in action["params"].items())
    yield (("     by       ", "dim"), (f"{action['via']} {action['call']}: {call}", "dim"))
    if action["final"]:
        yield (("     final    ", "dim"), (action["final"], "yellow"))
    yield (("     undo     ", "dim"), (action["undo"] or "It cannot be undone.", ""))


def _value(value: Any) -> str:
    """A parameter as text; what an earlier step brings is named as that."""
    if isinstance(value, Mapping) and "of" in value:
        return f"<{value['field']} of step {value['of']}>"
    if isinstance(value, Mapping) and "private" in value:
        return f"<{value['private']}>"
    if isinstance(value, Mapping) and "read" in value:
        return f"<{value['read']}, read when it is done>"
    if isinstance(value, Mapping) and (made := value.keys() & {"pseudonym", "hmac", "mark"}):
        return f"<{made.pop()}>"
    if isinstance(value, list | tuple) and any(isinstance(each, Mapping) for each in value):
        return f"<{len(value)}, listed with --json>"
    return str(value)


def done(steps: list[Mapping[str, Any]]) -> Iterator[Line]:
    """The steps that were carried out."""
    for each in steps:
        brought = " ".join(str(value) for value in each["brought"].values())
        how = "had been done before" if each["already"] else "done"
        yield (("  ✓ ", "green"), (f"{'; '.join(each['targets'])}: {how}", ""), (f"  {brought}", "dim"))
