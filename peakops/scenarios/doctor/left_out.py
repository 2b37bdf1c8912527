"""Why a question of the doctor's does not arise, and when a source that stays silent has said no. Pure."""

from peakops.model import Fault
from peakops.scenario import Facts, Outcome, found, skip

SAID_NO = ("auth", "permission", "config")
"""Kinds of errors in which a source has answered, and refused; all others are silence."""


def left_out(facts: Facts, look: str, *settings: str) -> Outcome | None:
    """The outcome where a look was not declared: the settings that it would need, or that nobody asked for it."""
    if look in facts:
        return None
    absent = [each["variable"] for each in facts["settings"] if each["setting"] in settings and not each["present"]]
    if not absent:
        return skip("It was not asked for.")
    return skip(f"{' and '.join(absent)} {'is' if len(absent) == 1 else 'are'} not set.")


def refused(facts: Facts, look: str) -> str:
    """What a source says that refused a look, with the way out; empty where it answered, or stayed silent."""
    fault = facts.fault(look)
    return _said(fault) if fault and fault.category in SAID_NO and not fault.code.endswith(".not_configured") else ""


def app(facts: Facts, look: str, code: str, setting: str, writes: str) -> Outcome | None:
    """The outcome of an app that writes, where it is none that works: not asked for, refused, half set, or not set."""
    if left := left_out(facts, look):
        return left
    fault = facts.fault(look)
    if fault and fault.category in SAID_NO:
        return found(code, _said(fault))
    if facts[look] is None:
        return skip(f"{setting} is not set: a fix of {writes} shows its plan, and ends with 77.")
    return None


def _said(fault: Fault) -> str:
    return f"{fault.message} {fault.hint}".strip()


def several(names: list[str], most: int = 3) -> str:
    """Some names, and how many more there are: 'a, b and c', 'a, b, c and 4 more'."""
    shown = names if len(names) <= most else [*names[:most], f"{len(names) - most} more"]
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if shown[1:] else "".join(shown)


def counted(number: int, noun: str) -> str:
    """How many there are of something: '1 line', '2 lines', '3 queries'."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"
