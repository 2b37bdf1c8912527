"""The times that vendors write, as datetimes in UTC."""

from datetime import UTC, datetime
from typing import Any

UNSET = "0001-01-01T00:00:00Z"
"""How GoTrue, being written in Go, says that something has not happened."""


def moment(written: Any) -> datetime | None:
    """
    A time written in ISO 8601 or in Unix seconds; None for None, an empty text and for UNSET.

    A time without a zone is UTC, as every vendor means it. Raises ValueError or TypeError for anything else.
    """
    try:
        return _read(written)
    except (OverflowError, OSError) as wrong:
        raise ValueError("a time that no calendar has") from wrong


def _read(written: Any) -> datetime | None:
    if written in (None, "", UNSET):
        return None
    if isinstance(written, bool):
        raise TypeError("a truth value is no time")
    if isinstance(written, int | float):
        return datetime.fromtimestamp(written, UTC)
    read = datetime.fromisoformat(written)
    return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
