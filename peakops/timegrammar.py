"""How operators write time: lengths (90s, 15m, 2h, 3d, 2w, 1h30m), and moments (today, 2026-11-20, RFC 3339)."""

import re
from datetime import UTC, datetime, timedelta

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
LONGEST = 10 * 365 * 86400
"""Ten years, in seconds: what is longer is a typing error, and no clock waits for it."""
PIECE = re.compile(r"(\d+(?:\.\d+)?)([smhdw])")
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
BEGINS = {"today": timedelta(0), "yesterday": timedelta(days=1)}
"""How long before today's midnight each named day begins."""


def duration(text: str) -> float:
    """The length in seconds. Raises ValueError for anything else, a bare number too: it has no unit."""
    pieces = PIECE.findall(text)
    if not pieces or "".join(number + unit for number, unit in pieces) != text:
        raise ValueError(f"'{text}' is not a length of time such as 90s, 15m, 2h, 3d, 2w or 1h30m")
    seconds = sum(float(number) * SECONDS[unit] for number, unit in pieces)
    if seconds > LONGEST:
        raise ValueError(f"'{text}' is longer than ten years")
    return seconds


def shift(text: str) -> float:
    """A length with its sign, in seconds: +2h, -30m. Raises ValueError."""
    if text[:1] not in ("+", "-"):
        raise ValueError(f"'{text}' is not a shift such as +2h or -30m")
    return duration(text[1:]) * (-1 if text[0] == "-" else 1)


def moment(text: str, now: datetime) -> datetime:
    """
    A moment in UTC: a length is that long before `now`, a day is its midnight. Raises ValueError.

    Days, `today` and `yesterday` are UTC's; RFC 3339 names its own offset, and without one it is refused.
    """
    if PIECE.match(text):
        return now.astimezone(UTC) - timedelta(seconds=duration(text))
    if text in BEGINS:
        return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - BEGINS[text]
    try:
        if DAY.fullmatch(text):
            return datetime.fromisoformat(text).replace(tzinfo=UTC)
        if RFC_3339.fullmatch(text):
            return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"'{text}' is no day of the calendar, or no time of the day") from None
    raise ValueError(f"'{text}' is no moment such as 24h, today, yesterday, 2026-11-20 or 2026-11-20T15:00:00Z")


def window(since: str, until: str | None, now: datetime) -> tuple[datetime, datetime]:
    """From `since` to `until` (`now` if None) in UTC, both ends included. Raises ValueError."""
    start, end = moment(since, now), moment(until, now) if until else now.astimezone(UTC)
    if start > now:
        raise ValueError(f"'{since}' is in the future: it is {now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")
    if start > end:
        raise ValueError(f"'{since}' is after '{until}'")
    return start, end
