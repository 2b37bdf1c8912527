"""How long a vendor is waited for, and how often it is asked again; one measure for all of them."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from peakops.errors import PeakopsError

RETRIES = 2
"""For 5xx and broken connections, of what only reads."""
PATIENCE = 3
"""How often a 429 is asked again."""
FIRST_PAUSE_S = 0.5
CONNECT_SECONDS = 3.0
READ_SHARE = 0.4
"""Of the time left at the start, what one answer may take, so that there is time to ask again."""
LONGEST_READ_S = 30.0
"""However much time there is, one answer that takes longer will not come; Salesforce itself gives up after 600 s."""
LEAST_READ_S = 0.2
"""With less time than this nothing is asked again: it would only end in a time-out that hides the first error."""
LEAST_WRITE_S = 1.0
"""With less time a write is not sent: its answer would hardly come, and nobody knew what became of it."""
LARGEST_BYTES = 16 << 20
"""No answer that is wanted has more (a describe of Salesforce's has 1 MB); an endless one must not fill the memory."""
T = TypeVar("T")


def longest_read(share: float) -> float:
    """What one answer may take, in seconds, of the `share` of the time that it may have."""
    return min(LONGEST_READ_S, max(LEAST_READ_S, share))


def jittered(attempt: int) -> float:
    """The pause before the next attempt, in seconds: twice as long each time, and never the same for two runs."""
    return float(FIRST_PAUSE_S * 2**attempt * random.uniform(1, 1.5))  # noqa: S311  (jitter)


def patiently(
    once: Callable[[], T], pause: Callable[[PeakopsError, int], float | None], *, tries: int, deadline: float
) -> T:
    """
    What `once` brings, asked again after each pause that there is time for; raises its last error.

    `pause` says, of an error and the attempt's number from 0, how long to wait; None where asking again is no use.
    """
    for attempt in range(tries):
        try:
            return once()
        except PeakopsError as wrong:
            wait = pause(wrong, attempt)
            if wait is None or time.monotonic() + wait + LEAST_READ_S >= deadline:
                raise
        time.sleep(wait)
    raise AssertionError("the last attempt returns or raises")
