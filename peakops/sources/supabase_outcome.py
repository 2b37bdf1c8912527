"""What comes of a write at Supabase Auth: what is handed back, and what it means where that cannot be read."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from peakops.errors import PeakopsError, Unverified

LOOK = "See how the account is now: peakops user check."
AGAIN = "Run the same command again: it looks at what was done, and does only the rest."


def made(user: str, status: str, *, already: bool) -> dict[str, Any]:
    """What a write hands back."""
    return {"id": user, "status": status, "already": already}


def same(left: datetime | None, right: datetime | None) -> bool:
    """Whether two times are one to the second: a plan's text may have been cut, GoTrue's is rounded."""
    if left is None or right is None:
        return left is right
    return left.replace(microsecond=0) == right.replace(microsecond=0)


@contextmanager
def afterwards(what: str) -> Iterator[None]:
    """
    Raises Unverified where the request that writes was answered well, and what came of it cannot be read.

    A refusal of that look says nothing of the write.
    """
    try:
        yield
    except PeakopsError as wrong:
        says = f"Supabase Auth took the request {what}, and what came of it could not be read back: {wrong.says}"
        raise Unverified(
            says,
            code="supabase.unread",
            hint=AGAIN,
            source="supabase",
            retry_after_s=wrong.retry_after_s,
            request_id=wrong.request_id,
        ) from wrong
