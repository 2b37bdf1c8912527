"""What each system says of a subject, side by side, as people and scripts are shown it. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

from peakops.scenario import Facts, Missing

Line = tuple[str, str]
"""A state in one word, and what is told of it."""


def truth(facts: Facts, systems: Mapping[str, Callable[[Facts], Line]]) -> list[dict[str, Any]]:
    """One line a system, in their order; `state` is None where it could not be read."""
    return [_line(system, tell, facts) for system, tell in systems.items()]


def _line(system: str, tell: Callable[[Facts], Line], facts: Facts) -> dict[str, Any]:
    try:
        state, says = tell(facts)
    except Missing:
        return {"system": system, "state": None, "says": "could not be read"}
    return {"system": system, "state": state, "says": says}
