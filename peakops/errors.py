"""What can go wrong, said so that an operator knows what to do next."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import Any


class Exit(IntEnum):
    """The exit codes of the contract; they depend on neither format nor terminal."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3
    PLANNED = 10
    PARTIAL = 11
    NOT_CONFIRMED = 12
    NOT_FOUND = 14
    AMBIGUOUS = 15
    CHANGED = 16
    LOCKED = 17
    UNVERIFIED = 18
    REFUSED = 19
    USAGE = 64
    BAD_INPUT = 65
    UNAVAILABLE = 69
    BUG = 70
    TEMPORARY = 75
    DENIED = 77
    NOT_CONFIGURED = 78
    TIMED_OUT = 124
    INTERRUPTED = 130
    TERMINATED = 143


class PeakopsError(Exception):
    """
    An error that an operator is told: a sentence, a hint that is the next command, and an exit code.

    `code` is stable and dotted (`stripe.rate_limited`), `category` is one of the contract's, `source` is the
    system that it came from, `request_id` is the vendor's.
    """

    exit_code = Exit.BUG
    category = "internal"
    code = "internal.bug"
    hint = ""
    retryable = False
    nothing_done = False
    """Of a write that failed: it is certain that nothing was changed, since it was refused, or never sent."""
    http_status = 0
    """The status of a vendor's answer; 0 where there was none."""

    def __init__(
        self,
        says: str,
        *,
        hint: str = "",
        code: str = "",
        source: str = "",
        retry_after_s: float | None = None,
        request_id: str = "",
    ) -> None:
        super().__init__(says)
        self.says = says
        self.hint = hint or self.hint
        self.code = code or self.code
        self.source = source
        self.retry_after_s = retry_after_s
        self.request_id = request_id


class UsageFault(PeakopsError):
    """The command line is wrong."""

    exit_code, category, code = Exit.USAGE, "usage", "usage.invalid"


class BadInput(PeakopsError):
    """A file or an argument holds data that cannot be used; the place is in the sentence."""

    exit_code, category, code = Exit.BAD_INPUT, "input", "input.invalid"


class NotConfigured(PeakopsError):
    """A setting is missing or malformed; the sentence names it."""

    exit_code, category, code = Exit.NOT_CONFIGURED, "config", "config.missing"


class Denied(PeakopsError):
    """The source knows us and refuses; the sentence names the permission that is missing."""

    exit_code, category, code = Exit.DENIED, "permission", "source.denied"


class Unauthenticated(PeakopsError):
    """The source does not accept the credentials."""

    exit_code, category, code = Exit.DENIED, "auth", "source.unauthenticated"


class Unreachable(PeakopsError):
    """The source did not answer, or not in a way that can be read."""

    exit_code, category, code, retryable = Exit.UNAVAILABLE, "upstream", "source.unreachable", True


class RateLimited(PeakopsError):
    """The source asks us to come back later."""

    exit_code, category, code, retryable = Exit.TEMPORARY, "rate_limit", "source.rate_limited", True


class TimedOut(PeakopsError):
    """Nothing was heard before the time limit."""

    exit_code, category, code, retryable = Exit.TIMED_OUT, "timeout", "source.timeout", True


class NotFound(PeakopsError):
    """The subject does not exist."""

    exit_code, category, code = Exit.NOT_FOUND, "not_found", "not_found"


class Refused(PeakopsError):
    """A guard refuses: the sentence says which, and the hint what may be done instead."""

    exit_code, category, code = Exit.REFUSED, "guard", "fix.refused"


class NotConfirmed(PeakopsError):
    """The plan was declined, or nobody was there to confirm it; nothing was changed."""

    exit_code, category, code = Exit.NOT_CONFIRMED, "guard", "fix.not_confirmed"


class Changed(PeakopsError):
    """The state is not the one that was looked at any more; nothing was written."""

    exit_code, category, code = Exit.CHANGED, "conflict", "fix.state_changed"


class Locked(PeakopsError):
    """Another run is changing the same subject."""

    exit_code, category, code, retryable = Exit.LOCKED, "conflict", "fix.locked", True


class Partial(PeakopsError):
    """Some steps of a plan were done, and a later one was not."""

    exit_code, category, code = Exit.PARTIAL, "upstream", "fix.partial"
    steps: tuple[Any, ...] = ()
    """Those that were done."""


class Unverified(PeakopsError):
    """Everything was done, and the look afterwards could not confirm it."""

    exit_code, category, code = Exit.UNVERIFIED, "conflict", "fix.unverified"


class Bug(PeakopsError):
    """A mistake of ours."""

    hint = "Run the command again with -v and report what it says."


GUARDS = (Refused, Changed, NotConfigured)
"""Errors of our own, raised before anything is sent."""
SETTLED = (*GUARDS, Denied, Unauthenticated, NotFound)
"""Errors after which it is certain that a write did nothing, where nothing is read back."""
READS_BACK = ("supabase",)
"""The writers that read back what they wrote: an error of theirs may come after the write."""


def certain(wrong: BaseException) -> bool:
    """Whether it is certain that a write that failed did nothing; a writer that reads back says so itself."""
    if not isinstance(wrong, PeakopsError):
        return False
    return wrong.nothing_done or isinstance(wrong, GUARDS if wrong.source in READS_BACK else SETTLED)


def unsent(wrong: PeakopsError) -> PeakopsError:
    """The error of a write that did not leave this machine: it is certain that nothing was done."""
    wrong.nothing_done = True
    return wrong


@contextmanager
def before_writing() -> Iterator[None]:
    """Errors say that nothing was done: the request that writes is not sent yet."""
    try:
        yield
    except PeakopsError as wrong:
        raise unsent(wrong) from wrong.__cause__
