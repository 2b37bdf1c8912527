"""How SendGrid says no, and the headers that its answers carry."""

from collections.abc import Iterable
from datetime import datetime

from peakops.sandbox.wire import Answer

MESSAGES = {
    400: "bad request",
    401: "The provided authorization grant is invalid, expired, or revoked",
    403: "access forbidden",
    404: "not found",
    413: "content too large",
    415: "Content-Type should be application/json.",
    429: "too many requests",
    500: "internal error",
    503: "service unavailable",
}
NO_CREDITS = "Maximum credits exceeded"
NO_SENDER = (
    "The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved. "
    "Visit https://sendgrid.com/docs/for-developers/sending-email/sender-identity/ to see the Sender Identity "
    "requirements"
)
STATUS_OF = {says: status for status, says in MESSAGES.items()} | {NO_CREDITS: 401, NO_SENDER: 403}
"""The status that comes with a sentence. Without credits it is 401, as for a bad key (SendGrid's own clients)."""
LIMIT = 600
"""Requests a minute; the sandbox counts none of them."""

Errors = dict[str, list[dict[str, str]]]


class Refusal(Exception):
    """An answer that is an error; `field` is the parameter that is at fault."""

    def __init__(self, status: int, message: str = "", field: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body = body((message or MESSAGES[status], field))


class Refusals(Refusal):
    """Everything that is wrong with what was sent, each with its field."""

    def __init__(self, faults: Iterable[tuple[str, str]]) -> None:
        super().__init__(400)
        self.body = body(*faults)


def body(*faults: tuple[str, str | None]) -> Errors:
    """The envelope: the sentence of each error, and its field if it has one."""
    return {"errors": [{"message": says, **({"field": field} if field else {})} for says, field in faults]}


def headers(now: datetime) -> dict[str, str]:
    """The rate limit's headers."""
    ends = int(now.timestamp()) // 60 * 60 + 60
    return {"X-RateLimit-Limit": str(LIMIT), "X-RateLimit-Remaining": str(LIMIT - 1), "X-RateLimit-Reset": str(ends)}


def refuse(status: int, error: str, retry_after: float | None) -> Answer:
    """A fault in SendGrid's envelope; `error` is its sentence, since SendGrid has no codes."""
    status = status or STATUS_OF.get(error, 400)
    message = error or MESSAGES.get(status, f"SendGrid answered {status}")
    wait = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
    spent = {"X-RateLimit-Limit": str(LIMIT), "X-RateLimit-Remaining": "0"} if status == 429 else {}
    return Answer(status=status, body=body((message, None)), headers=spent | wait)
