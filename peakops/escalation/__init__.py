"""Who must be told of an open incident, and since when: judged from its events alone, told once, and claimed before."""

from peakops.escalation.matrix import AUTO, CONFIRM, Due, Page, chosen, due, starts
from peakops.escalation.standing import Standing, Told, attempts_of, renamed, round_of, standing

__all__ = [
    "AUTO",
    "CONFIRM",
    "Due",
    "Page",
    "Standing",
    "Told",
    "attempts_of",
    "chosen",
    "due",
    "renamed",
    "round_of",
    "standing",
    "starts",
]
