"""Where Salesforce itself refuses: its log-in, its limits, its permissions are causes, and no silence. Pure."""

from peakops.model import Fault
from peakops.scenario import Facts


def refusal(facts: Facts, category: str, *looks: str) -> Fault | None:
    """The first of these looks that was refused in this way: auth, rate_limit or permission."""
    faults = (facts.fault(each) for each in looks)
    return next((each for each in faults if each and each.category == category), None)


def told(fault: Fault) -> str:
    """What was refused and why, with the next step where the source knows one."""
    return f"{fault.message} {fault.hint}".strip()
