"""The sections of the playbook as they can be named, and the scenarios that each has."""

from collections.abc import Iterator, Mapping
from importlib import import_module

from peakops import playbook
from peakops.errors import UsageFault
from peakops.playbook import Guide
from peakops.scenario import Scenario
from peakops.scenarios import PRECONDITIONS, SCENARIOS, SWEEPS

WHOLE = ("sweep.run",)
"""What has a page in the playbook and judges nothing by itself: it runs the others."""
CODES = {"case": "salesforce", "shipping": "ups", "notify": "email"}
"""The section's table of a vendor's codes; the decline codes are rows of their question."""


def every() -> dict[str, list[str]]:
    """The scenarios of each section, by name (`payment.check`), in the order of the register."""
    found: dict[str, list[str]] = {}
    for name in (*SCENARIOS, *SWEEPS, *WHOLE, *PRECONDITIONS):
        found.setdefault(name.partition(".")[0], []).append(name)
    return found


def names_of(wanted: str) -> list[str]:
    """The scenarios of a section, or the one that is named. Raises UsageFault, which lists what there is."""
    sections = every()
    named = wanted.strip().replace(" ", ".").replace("-", "_")
    if named in sections:
        return sections[named]
    if named in sections.get(named.partition(".")[0], ()):
        return [named]
    says = f"The playbook has no section '{wanted}'."
    raise UsageFault(says, hint=f"There are {', '.join(sections)}; or one scenario: payment.check.")


def guide_of(name: str) -> Guide:
    """The decision tree of a scenario by its name."""
    section, _, own = name.partition(".")
    return playbook.guide(section, own)


def scenario_of(name: str) -> Scenario:
    """The scenario of a name."""
    scenario: Scenario = import_module(f"peakops.scenarios.{name}").SCENARIO
    return scenario


def command_of(name: str) -> str:
    """The command of a scenario or of a sweep, as it is typed after `peakops`."""
    if name not in (*SWEEPS, *WHOLE):
        return scenario_of(name).command
    section, _, own = name.partition(".")
    return str(playbook.words(section)[own].get("command", f"{section} {own}"))


def judged_as(name: str) -> str:
    """Of a sweep, the command by whose questions each subject is judged; empty for any other scenario."""
    section, _, own = name.partition(".")
    return str(playbook.words(section)[own].get("judged_as", f"{section} check")) if name in SWEEPS else ""


def codes_of(section: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """The vendor's codes of a section: what each means, and what to do."""
    if section in CODES:
        yield from playbook.words(CODES[section])["codes"].items()
