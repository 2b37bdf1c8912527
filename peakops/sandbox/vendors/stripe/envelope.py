"""How Stripe says no: its error envelope, and the headers that every answer of Stripe's carries."""

import secrets
from collections.abc import Mapping
from typing import Any

from peakops.sandbox.wire import Answer

API_VERSION = "2026-10-28.endive"
"""The version that stripe-python 16.1 speaks."""

USUAL_STATUS = {
    "rate_limit": 429,
    "lock_timeout": 429,
    "api_key_expired": 401,
    "secret_key_required": 401,
    "resource_missing": 404,
    "idempotency_key_in_use": 409,
    "api_error": 500,
    "card_declined": 402,
    "expired_card": 402,
    "incorrect_cvc": 402,
    "incorrect_number": 402,
    "incorrect_zip": 402,
    "insufficient_funds": 402,
    "processing_error": 402,
    "authentication_required": 402,
    "card_decline_rate_limit_exceeded": 402,
}
"""The HTTP status that goes with an error code; any other code comes with 400."""

CODES_OF_CARDS = frozenset(code for code, status in USUAL_STATUS.items() if status == 402) - {"insufficient_funds"}
"""Codes that stand alone; every other reason is the decline code of a `card_declined`."""


class Refusal(Exception):
    """
    An answer that is an error.

    `executed` means that the request was carried out, so that its result is kept by its idempotency key;
    `replayed` means that this is such a kept result.
    """

    def __init__(
        self, status: int, message: str, *, executed: bool = False, replayed: bool = False, **error: Any
    ) -> None:
        super().__init__(message)
        self.executed = executed
        self.replayed = replayed
        self.status = status
        self.error = {"type": "invalid_request_error", **error, "message": message}


def error_body(error: Mapping[str, Any], request_id: str, mode: str = "test") -> dict[str, Any]:
    """The envelope of an error, with the links that Stripe adds to it."""
    place = "/test" if mode == "test" else ""
    said = {**error, "request_log_url": f"https://dashboard.stripe.com{place}/logs/{request_id}"}
    if code := error.get("code"):
        said["doc_url"] = f"https://stripe.com/docs/error-codes/{str(code).replace('_', '-')}"
    return {"error": said}


def standard_headers(version: str = API_VERSION) -> dict[str, str]:
    """A request id that occurs once, and the API version that was spoken."""
    return {"Request-Id": f"req_{secrets.token_hex(7)}", "Stripe-Version": version}


def refuse(status: int, error: str, retry_after: float | None) -> Answer:
    """A fault, in the envelope that Stripe uses for this status; `error` is a code, or a permission's slug for 403."""
    status = status or USUAL_STATUS.get(error, 400)
    headers = standard_headers()
    if retry_after is not None:
        headers["Retry-After"] = f"{retry_after:g}"
    return Answer(status=status, body=error_body(fault_error(status, error), headers["Request-Id"]), headers=headers)


def fault_error(status: int, error: str) -> dict[str, Any]:
    """What the envelope holds for a status, with the code given or, failing that, the status's own."""
    if status == 401:
        message = "Expired API Key provided: rk_test_***" if error == "api_key_expired" else INVALID_KEY
        return {"type": "invalid_request_error", "message": message, **({"code": error} if error else {})}
    if status == 402:
        return card_error(error)
    if status == 403:
        permission = error or "rak_charge_read"
        return {
            "type": "invalid_request_error",
            "message": "The provided key 'rk_test_***' does not have the required permissions for this endpoint. "
            f"Having the '{permission}' permission would allow this request to continue.",
        }
    code = error or DEFAULT_CODE.get(status, "")
    kind = "api_error" if status >= 500 else TYPE_OF_CODE.get(code, "invalid_request_error")
    message = MESSAGE_OF_CODE.get(code, f"Stripe answered {status}{f' ({code})' if code else ''}.")
    return {"type": kind, "message": message, **({"code": code} if code else {})}


def card_error(reason: str) -> dict[str, Any]:
    """A decline: the code, and the bank's reason beside it where the code is not itself the reason."""
    if reason and reason in CODES_OF_CARDS - {"card_declined"}:
        return {"type": "card_error", "code": reason, "message": f"The card was refused: {reason}."}
    decline = reason if reason not in ("", "card_declined") else "generic_decline"
    message = "Your card was declined."
    return {"type": "card_error", "code": "card_declined", "decline_code": decline, "message": message}


INVALID_KEY = "Invalid API Key provided: rk_test_***"
DEFAULT_CODE = {404: "resource_missing", 409: "lock_timeout", 429: "rate_limit"}
TYPE_OF_CODE = {
    "idempotency_key_in_use": "idempotency_error",
    "idempotency_error": "idempotency_error",
    "api_error": "api_error",
}
MESSAGE_OF_CODE = {
    "rate_limit": "Too many requests reached the API too quickly.",
    "lock_timeout": "Another request holds this object; try again.",
    "resource_missing": "No such object.",
    "idempotency_key_in_use": "Another request with this idempotency key is under way.",
}
