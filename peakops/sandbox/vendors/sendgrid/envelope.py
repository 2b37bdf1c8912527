"""How SendGrid says no, and the headers that its answers carry."""

from datetime import datetime

from peakops.sandbox.wire import Answer

MESSAGES = {
    401: "The provided authorization grant is invalid, expired, or revoked",
    403: "access forbidden",
    404: "not found",
    429: "too many requests",
    500: "internal error",
    503: "service unavailable",
}
LIMIT = 600
"""Requests a minute; the sandbox counts none of them."""


class Refusal(Exception):
    """An answer that is an error; `field` is the parameter that is at fault."""

    def __init__(self, status: int, message: str = "", field: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body = body(message or MESSAGES[status], field)


def body(message: str, field: str | None = None) -> dict[str, list[dict[str, str]]]:
    """The envelope: one error, and its field if it has one."""
    return {"errors": [{"message": message, **({"field": field} if field else {})}]}


def headers(now: datetime) -> dict[str, str]:
    """The rate limit's headers."""
    ends = int(now.timestamp()) // 60 * 60 + 60
    return {"X-RateLimit-Limit": str(LIMIT), "X-RateLimit-Remaining": str(LIMIT - 1), "X-RateLimit-Reset": str(ends)}


def refuse(status: int, error: str, retry_after: float | None) -> Answer:
    """A fault in SendGrid's envelope; `error` is its sentence, since SendGrid has no codes."""
    status = status or 400
    message = error or MESSAGES.get(status, f"SendGrid answered {status}")
    wait = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
    return Answer(status=status, body=body(message), headers=wait)
