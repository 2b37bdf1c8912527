"""Since when and until when it is so at the clock: walked minute by minute, as coarsely as the hours allow."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import gcd

from peakops.contacts.shapes import Book

MINUTE = timedelta(minutes=1)
LONGEST = timedelta(days=8)
"""How far it is looked: a week, in which all hours come up, and a day for a clock that is changed."""
QUARTER = 15
"""Minutes; the offset of every clock is a multiple, and so is the time at which it is changed."""


def step(book: Book) -> int:
    """The minutes in which nothing of a book can begin and end again: all hours are multiples of it."""
    return gcd(QUARTER, *(edge for each in book.people for span in each.hours for edge in span))


def until(state: Callable[[datetime], object], at: datetime, minutes: int = 1) -> datetime | None:
    """The first moment after `at` at which it is not as it is then; None where it stays so for a week."""
    now, each = state(at), _floor(at, minutes) + minutes * MINUTE
    while each <= at + LONGEST:
        if state(each) != now:
            return each
        each += minutes * MINUTE
    return None


def since(state: Callable[[datetime], object], at: datetime, minutes: int = 1) -> datetime | None:
    """The moment from which on it is as it is at `at`; None where it was so for a week."""
    now, each = state(at), _floor(at, minutes)
    while each >= at - LONGEST:
        if state(each - MINUTE) != now:
            return each
        each -= minutes * MINUTE
    return None


def _floor(at: datetime, minutes: int) -> datetime:
    """The last moment up to this one that is a multiple of so many minutes of UTC's day."""
    whole = at.astimezone(UTC).replace(second=0, microsecond=0)
    return whole - whole.minute % minutes * MINUTE
