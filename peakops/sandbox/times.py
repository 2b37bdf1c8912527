"""Reads the times of a world: absolute ones, and those that are said from the world's now (`-2h`, `+3d`)."""

import re
import time
from datetime import UTC, datetime, timedelta

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
RELATIVE = re.compile(r"(?P<sign>[+-]?)(?P<parts>(?:\d{1,9}[smhdw])+)")


def shift(text: str) -> timedelta | None:
    """The span of `-2h`, `+3d`, `2w` or `1h30m` (the sign counts for all parts), or None for any other text."""
    found = RELATIVE.fullmatch(text)
    if found is None:
        return None
    seconds = sum(int(part[:-1]) * UNITS[part[-1]] for part in re.findall(r"\d+[smhdw]", found["parts"]))
    return timedelta(seconds=-seconds if found["sign"] == "-" else seconds)


def moment(text: str, now: datetime) -> datetime | None:
    """The time that a text means, in UTC, or None if it means none; a time without a zone is UTC."""
    span = shift(text)
    try:
        if span is not None:
            return now + span
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def reached(now: datetime | None, since: float | None) -> datetime | None:
    """Where a clock is that stood at `now` and runs since then (Unix seconds); it stands where it does not run."""
    if now is None or since is None:
        return now
    # A machine whose own clock was set back does not turn the world's back behind its start.
    return now + timedelta(seconds=max(0.0, time.time() - since))


def written(at: datetime) -> str:
    """The time as a world writes it: RFC 3339 in UTC, with a Z."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
