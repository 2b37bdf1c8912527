"""How Resend says no, and the headers that its answers carry."""

from peakops.sandbox.vendors.objects import Object
from peakops.sandbox.wire import Answer

USUAL = {
    "invalid_idempotency_key": (400, "Idempotency keys, if present, must have between 1 and 256 characters."),
    "missing_api_key": (401, "Missing API Key"),
    "restricted_api_key": (401, "This API key is restricted to only send emails"),
    "invalid_api_key": (403, "API key is invalid"),
    "validation_error": (422, "The request is not valid."),
    "missing_required_field": (422, "The request body is missing one or more required fields."),
    "invalid_from_address": (422, "Invalid `from` field."),
    "invalid_to_address": (422, "Invalid `to` field."),
    "not_found": (404, "The requested endpoint does not exist"),
    "method_not_allowed": (405, "Method is not allowed for the requested path"),
    "invalid_idempotent_request": (409, "Same idempotency key used with a different request payload."),
    "concurrent_idempotent_requests": (409, "Same idempotency key used while original request is still in progress."),
    "rate_limit_exceeded": (429, "Too many requests. You can only make 5 requests per second."),
    "daily_quota_exceeded": (429, "You have reached your daily email sending quota."),
    "monthly_quota_exceeded": (429, "You have reached your monthly email sending quota."),
    "security_error": (451, "We may have found a security issue with the request."),
    "application_error": (500, "An unexpected error occurred."),
    "internal_server_error": (500, "An unexpected error occurred."),
}
"""The status and the sentence of each name of an error."""

NAME_OF_STATUS = {
    401: "missing_api_key",
    403: "invalid_api_key",
    404: "not_found",
    405: "method_not_allowed",
    409: "invalid_idempotent_request",
    429: "rate_limit_exceeded",
}
HEADERS = {"ratelimit-limit": "5", "ratelimit-remaining": "4", "ratelimit-reset": "1"}


class Refusal(Exception):
    """An answer that is an error, by its name; a message takes the place of the usual one."""

    def __init__(self, name: str, message: str = "", status: int = 0) -> None:
        usual, says = USUAL.get(name, (400, name))
        self.status = status or usual
        self.body = {"statusCode": self.status, "name": name, "message": message or says}
        super().__init__(self.body["message"])


def headers(quota: Object) -> dict[str, str]:
    """The rate limit's headers, and how much of the quota is used; of a day only where the plan has a daily one."""
    used = {"x-resend-monthly-quota": str(quota["monthly_used"])}
    daily = {} if quota["daily"] is None else {"x-resend-daily-quota": str(quota["daily_used"])}
    return HEADERS | daily | used


def refuse(status: int, error: str, retry_after: float | None) -> Answer:
    """A fault in Resend's envelope; `error` is the name of one, with its usual status."""
    name = error or NAME_OF_STATUS.get(status) or ("internal_server_error" if status >= 500 else "validation_error")
    refusal = Refusal(name, status=status)
    wait = {} if retry_after is None else {"retry-after": f"{retry_after:g}"}
    spent = {"ratelimit-remaining": "0"} if refusal.status == 429 else {}
    return Answer(status=refusal.status, body=refusal.body, headers={**HEADERS, **spent, **wait})
