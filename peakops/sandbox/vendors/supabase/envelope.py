"""How Supabase says no: Auth's two error bodies, and that of the gateway before it."""

import secrets
from typing import Any

from peakops.sandbox.wire import Answer, Request

VERSION_HEADER = "x-supabase-api-version"
NEWER = "2024-01-01"
"""From this version on an error is {code, message}; before it, {code: <HTTP status>, error_code, msg}."""

USUAL_STATUS = {
    "user_not_found": 404,
    "session_not_found": 404,
    "mfa_factor_not_found": 404,
    "no_authorization": 401,
    "not_admin": 403,
    "bad_jwt": 403,
    "email_exists": 422,
    "same_password": 422,
    "weak_password": 422,
    "signup_disabled": 422,
    "over_email_send_rate_limit": 429,
    "over_request_rate_limit": 429,
    "conflict": 409,
    "hook_timeout": 422,
    "unexpected_failure": 500,
    "request_timeout": 504,
}
"""The HTTP status that goes with an error code; any other code comes with 400."""

USUAL_CODE = {
    401: "no_authorization",
    403: "not_admin",
    404: "user_not_found",
    409: "conflict",
    429: "over_request_rate_limit",
    504: "request_timeout",
}
"""The code of a fault that names only a status; from 500 on it is unexpected_failure, else validation_failed."""

MESSAGE = {
    "over_email_send_rate_limit": "email rate limit exceeded",
    "over_request_rate_limit": "Request rate limit reached",
    "email_address_not_authorized": "Email address is not authorized",
    "request_timeout": "Processing this request timed out, please retry after a moment.",
    "unexpected_failure": "Unexpected failure, please check server logs for more information",
    "no_authorization": "This endpoint requires a Bearer token",
    "not_admin": "User not allowed",
    "user_not_found": "User not found",
    "user_banned": "User is banned",
}


class Refusal(Exception):
    """An answer that is an error of Auth's; `more` goes into its body."""

    def __init__(self, status: int, code: str, message: str = "", **more: Any) -> None:
        self.status = status
        self.code = code
        self.message = message or MESSAGE.get(code, f"Auth answered {status} ({code}).")
        self.more = more
        super().__init__(self.message)

    def answer(self, newer: bool) -> Answer:
        """The error as it is sent."""
        if newer:
            body: dict[str, Any] = {"code": self.code, "message": self.message, **self.more}
        else:
            body = {"code": self.status, "error_code": self.code, "msg": self.message, **self.more}
        return Answer(status=self.status, body=body, headers=headers(newer) | {"x-sb-error-code": self.code})


class Turned(Exception):
    """Turned away by the gateway, which knows keys and nothing of Auth: {message, hint}, without a code."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.body = {"message": message, "hint": hint}

    def answer(self) -> Answer:
        """The gateway's 401."""
        return Answer(status=401, body=self.body, headers=headers(False))


def headers(newer: bool) -> dict[str, str]:
    """A request id that occurs once, and the version of the error bodies if it was asked for."""
    return {"sb-request-id": secrets.token_hex(16), **({VERSION_HEADER: NEWER} if newer else {})}


def wants_newer(request: Request) -> bool:
    """Whether the caller asked for the newer error body; versions are dates, so they compare as text."""
    return request.headers.get(VERSION_HEADER, "") >= NEWER


def refuse(status: int, error: str, retry_after: float | None) -> Answer:
    """A fault in Auth's newer envelope, which peakops asks for; `error` is a code, with its usual status."""
    status = status or USUAL_STATUS.get(error, 400)
    code = error or USUAL_CODE.get(status) or ("unexpected_failure" if status >= 500 else "validation_failed")
    answer = Refusal(status, code).answer(newer=True)
    wait = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
    return Answer(status=status, body=answer.body, headers={**answer.headers, **wait})
