"""Whether a command was told what to look at."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from peakops.errors import UsageFault
from peakops.scenario import Scenario

UNDECODED = re.compile("[\ud800-\udfff]")
"""How Python brings in the bytes of an argument that are not UTF-8."""
WINDOW = ("since", "until")
"""Arguments of a scenario that a list's options give."""


def required(scenario: Scenario) -> tuple[str, ...]:
    """The arguments of a scenario without which it does not know what to look at."""
    return tuple(each.name for each in scenario.arguments if each.default is each.empty and each.name not in WINDOW)


def asked_for(command: str, given: Mapping[str, Any], needed: Sequence[str]) -> None:
    """Whether a command was told what to look at, in letters that can be read. Raises UsageFault."""
    if not all((given.get(name) or "").strip() for name in {*needed, *given}):
        raise UsageFault(
            f"'peakops {command}' needs to be told what to look at.", hint=f"Run 'peakops {command} --help'."
        )
    if any(UNDECODED.search(value) for value in given.values()):
        raise UsageFault("What was typed is not UTF-8.", hint="Check the terminal's encoding.")
