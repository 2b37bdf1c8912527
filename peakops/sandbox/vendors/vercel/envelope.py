"""How Vercel says no: {"error": {"code", "message"}}, and the headers that its answers carry."""

import hashlib
from typing import Any

from peakops.sandbox.wire import Answer, Request

LIMITS = {"x-ratelimit-limit": "500", "x-ratelimit-remaining": "499", "x-ratelimit-reset": "60"}
FORBIDDEN = "Not authorized"
USUAL = {
    "bad_request": (400, "Invalid request."),
    "unknown_metric": (400, "Unknown metric."),
    "unauthorized": (401, "The request is not authorized."),
    "payment_required": (402, "This metric requires Observability Plus."),
    "forbidden": (403, FORBIDDEN),
    "not_found": (404, "Not found."),
    "query_timeout": (408, "The query timed out."),
    "gone": (410, "This endpoint is no longer available."),
    "rate_limited": (429, "The rate limit of 500 exceeded for 'api'. Try again in 1 minute."),
    "internal_server_error": (500, "An unexpected internal error occurred."),
    "service_unavailable": (503, "The service is temporarily unavailable."),
    "gateway_timeout": (504, "The query took too long."),
}
"""The status and the sentence of each code."""
CODE_OF_STATUS = {status: code for code, (status, _) in reversed(USUAL.items())}


class Refusal(Exception):
    """An answer that is an error, by its code; what else its envelope says comes with it."""

    def __init__(self, code: str, message: str = "", status: int = 0, **more: Any) -> None:
        usual, says = USUAL.get(code, (400, code))
        self.status = status or usual
        self.body = {"error": {"code": code, "message": message or says, **more}}
        super().__init__(message or says)


def headers(request: Request) -> dict[str, str]:
    """The headers of every answer of the API's."""
    return {**LIMITS, "x-vercel-id": request_id(request)}


def request_id(request: Request) -> str:
    """Vercel's name for a request, which begins with the edge that took it; the same for the same path and time."""
    drawn = hashlib.sha256(f"{request.path} {request.now}".encode()).hexdigest()
    return f"iad1::iad1::{drawn[:5]}-{int(request.now.timestamp() * 1000)}-{drawn[5:17]}"


def refuse(status: int, error: str, retry_after: float | None) -> Answer:
    """A fault in Vercel's envelope; `error` is a code, or `invalidToken` for a token that has ended."""
    if error == "invalidToken":
        refusal = Refusal("forbidden", invalidToken=True)
    else:
        refusal = Refusal(error or CODE_OF_STATUS.get(status, "internal_server_error"), status=status)
    wait = {} if retry_after is None else {"retry-after": f"{retry_after:g}"}
    return Answer(status=refusal.status, body=refusal.body, headers={**LIMITS, **wait})
