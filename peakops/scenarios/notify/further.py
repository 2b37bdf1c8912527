"""The looks of a fix that needs more than `notify check` pays for."""

from collections.abc import Callable
from functools import wraps
from inspect import signature

from peakops.scenario import Answer, Look
from peakops.scenarios.notify import check, looks


def beside(more: Callable[[Look, Answer], None]) -> Callable[..., None]:
    """A `gather` with the arguments and the looks of the check, and `more`, which is given the notifications."""
    told = signature(check.gather)

    @wraps(check.gather)
    def gather(*given: object, **named: object) -> None:
        arguments = told.bind(*given, **named).arguments
        more(arguments["look"], looks.declare(**arguments))

    return gather
