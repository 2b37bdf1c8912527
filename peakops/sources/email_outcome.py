"""How the e-mail writers say what is certain: what was made, where the outcome is open, and where it is another one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from peakops.errors import PeakopsError, Refused, TimedOut, Unreachable, Unverified

AGAIN = "Run the same command again: it looks at what was done, and does only the rest."
LATER = (
    "Wait a quarter of an hour, then run the same command again: it looks for the mail first, "
    "and sends none that the provider shows."
)
"""SendGrid says no figure of how far its log lags; this one is our own caution."""
UNKNOWN = "email.outcome_unknown"


def made(id: str, status: str, *, already: bool) -> dict[str, Any]:
    """What a write returns."""
    return {"id": id, "status": status, "already": already}


def unsure(what: str, why: str, lost: PeakopsError, *, hint: str = AGAIN) -> PeakopsError:
    """
    The error that leaves open whether a write was done, whose answer was `lost`.

    Never one of those that say that nothing was: a look that shows nothing proves nothing.
    """
    kind = TimedOut if isinstance(lost, TimedOut) else Unreachable
    error = kind(
        f"It is not certain that {what}: {lost.says} Afterwards {why}",
        code=UNKNOWN,
        hint=hint,
        source="email",
        retry_after_s=lost.retry_after_s,
        request_id=lost.request_id,
    )
    error.http_status = lost.http_status
    return error


def lost_of(write: Callable[[], Any], *, over: tuple[str, ...] = ()) -> PeakopsError | None:
    """
    The error of a write that leaves it open whether it was done; None where it was, or where its code says `over`.

    Raises the errors of a write that certainly did nothing.
    """
    try:
        write()
    except PeakopsError as wrong:
        if wrong.code in over:
            return None
        if wrong.nothing_done:
            raise
        return wrong
    return None


@contextmanager
def reading_back(what: str) -> Iterator[None]:
    """Raises Unverified where it cannot be read what came of a request: a refusal of that look says nothing of it."""
    try:
        yield
    except PeakopsError as wrong:
        says = f"Whether {what} could not be read back: {wrong.says}"
        error = unverified(says, "email.unread")
        error.retry_after_s, error.request_id = wrong.retry_after_s, wrong.request_id
        raise error from wrong


def need(shown: bool, what: str, shows: str, lost: PeakopsError | None, code: str) -> None:
    """Raises what leaves it open whether a write was done, or Unverified where its answer was a good one."""
    if shown:
        return
    if lost:
        raise unsure(what, shows, lost) from lost
    raise unverified(f"It was asked for and answered well that {what}. Afterwards {shows}", code)


def unverified(says: str, code: str, *, hint: str = AGAIN) -> Unverified:
    """The error for a write that was made, and whose look afterwards shows another state, or none."""
    return Unverified(says, code=code, hint=hint, source="email")


def only_bounces(kind: str) -> Refused:
    """The refusal to lift what a person asked for."""
    says = f"An entry of the kind {kind} is lifted by nobody but the person."
    hint = "Ask the person to write; the entry is then removed in the provider's settings."
    return Refused(says, code="email.not_released", hint=hint, source="email")
