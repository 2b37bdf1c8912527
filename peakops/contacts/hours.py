"""When somebody is there: hours as a person writes them, and as minutes of a week of the place's own clock."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
DAY, WEEK = 1440, 10_080
"""Minutes."""
ALWAYS = "24/7"
LIKE = "Write '24/7', or days and times: 'Mon-Fri 09:00-17:00, Sat 22:00-06:00'; 'daily 18:00-08:00' is every day."
"""The hint of every fault in hours."""

_PART = re.compile(r"(?P<days>[A-Za-z]+(?:-[A-Za-z]+)?) +(?P<begins>\d\d?:\d\d) *- *(?P<ends>\d\d?:\d\d)")

Minutes = tuple[tuple[int, int], ...]
"""From a minute of the week, which begins on Monday, to another that is later and not counted; sorted, apart."""


def parsed(text: str) -> Minutes:
    """
    The minutes of the week; times that end before they begin go over midnight, into the day after the one named.

    Raises ValueError with the rest of a sentence.
    """
    text = re.sub("[\u2012-\u2015]", "-", text)  # as word processors write it
    if text.strip() == ALWAYS:
        return ((0, WEEK),)
    return merged(span for part in text.split(",") for span in _part(part.strip()))


def merged(spans: Iterable[tuple[int, int]]) -> Minutes:
    """The same minutes, sorted and apart; what goes on after Sunday goes on on Monday."""
    whole: list[tuple[int, int]] = []
    for begins, ends in sorted(each for span in spans for each in _in_the_week(*span)):
        if whole and begins <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(ends, whole[-1][1]))
        else:
            whole.append((begins, ends))
    return tuple(whole)


def _in_the_week(begins: int, ends: int) -> Iterator[tuple[int, int]]:
    yield begins, min(ends, WEEK)
    if ends > WEEK:
        yield 0, ends - WEEK


def within(hours: Minutes, local: datetime) -> bool:
    """Whether this moment of the place's own clock is among the hours: what a wall clock shows counts, also twice."""
    minute = minute_of(local)
    return any(begins <= minute < ends for begins, ends in hours)


def minute_of(moment: datetime) -> int:
    """The minute of the week that a clock shows."""
    return moment.weekday() * DAY + moment.hour * 60 + moment.minute


def _part(text: str) -> list[tuple[int, int]]:
    match = _PART.fullmatch(text)
    if match is None:
        raise ValueError(f"'{text}' is neither 24/7 nor days with times")
    begins, ends = _time(match["begins"]), _time(match["ends"])
    if begins == DAY:
        raise ValueError(f"'{text}' begins at 24:00, which is 00:00 of the day after")
    if begins == ends:
        raise ValueError(f"'{text}' has no length")
    length = (ends - begins) % DAY or DAY
    return [(day * DAY + begins, day * DAY + begins + length) for day in _days(match["days"])]


def _days(text: str) -> list[int]:
    if text.lower() == "daily":
        return list(range(7))
    first, _, last = text.partition("-")
    begins, ends = _day(first), _day(last or first)
    return [(begins + each) % 7 for each in range((ends - begins) % 7 + 1)]


def _day(text: str) -> int:
    names = [each.lower() for each in DAYS]
    if text.lower() not in names:
        raise ValueError(f"'{text}' is no day; the days are {', '.join(DAYS)} and daily")
    return names.index(text.lower())


def _time(text: str) -> int:
    hour, minute = map(int, text.split(":"))
    if hour * 60 + minute > DAY or minute > 59:
        raise ValueError(f"'{text}' is no time of the day")
    return hour * 60 + minute
