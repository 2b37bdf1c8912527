"""How Salesforce says no: a list of errors from the API, and OAuth's own body where one logs in."""

from collections.abc import Sequence
from typing import Any

from peakops.sandbox.wire import Answer

USUAL_STATUS = {
    "INVALID_SESSION_ID": 401,
    "INVALID_AUTH_HEADER": 401,
    "API_CURRENTLY_DISABLED": 403,
    "API_DISABLED_FOR_ORG": 403,
    "INSUFFICIENT_ACCESS": 403,
    "INSUFFICIENT_ACCESS_OR_READONLY": 403,
    "REQUEST_LIMIT_EXCEEDED": 403,
    "ENTITY_IS_DELETED": 404,
    "NOT_FOUND": 404,
    "METHOD_NOT_ALLOWED": 405,
    "GONE": 410,
    "UNSUPPORTED_API_VERSION": 500,
    "UNKNOWN_EXCEPTION": 500,
    "SERVER_UNAVAILABLE": 503,
}
"""The HTTP status that goes with an error code; any other code comes with 400, as every error of OAuth does."""

USUAL_CODE = {
    401: "INVALID_SESSION_ID",
    403: "INSUFFICIENT_ACCESS",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    410: "GONE",
    429: "REQUEST_LIMIT_EXCEEDED",
    503: "SERVER_UNAVAILABLE",
}
"""The code of a fault that names only a status; from 500 on it is UNKNOWN_EXCEPTION, else INVALID_INPUT."""

MESSAGE = {
    "API_CURRENTLY_DISABLED": "API is currently disabled for this organization",
    "API_DISABLED_FOR_ORG": "The REST API is not enabled for this Organization.",
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": "CaseTrigger: execution of BeforeInsert\n\ncaused by: an error of Apex",
    "DUPLICATES_DETECTED": "Use one of these records?",
    "DUPLICATE_VALUE": "duplicate value found: <unknown> duplicates value on record with id: <unknown>",
    "ENTITY_IS_DELETED": "entity is deleted",
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": "The record does not meet a rule of this organization.",
    "GONE": "The requested resource is no longer available",
    "INSUFFICIENT_ACCESS": "insufficient access rights on object id",
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": "insufficient access rights on cross-reference id",
    "INSUFFICIENT_ACCESS_OR_READONLY": "insufficient access rights on object id",
    "INVALID_CROSS_REFERENCE_KEY": "invalid cross reference id",
    "INVALID_SESSION_ID": "Session expired or invalid",
    "NOT_FOUND": "The requested resource does not exist",
    "QUERY_TIMEOUT": "Your query request was running for too long.",
    "REQUEST_LIMIT_EXCEEDED": "TotalRequests Limit exceeded.",
    "SERVER_UNAVAILABLE": "Server Unavailable",
    "UNABLE_TO_LOCK_ROW": "unable to obtain exclusive access to this record or 1 records: 001SB0000000001YAA",
    "UNKNOWN_EXCEPTION": "An unexpected error occurred. Please include this ErrorId if you contact support: "
    "1234567890-12345 (-1234567890)",
    "UNSUPPORTED_API_VERSION": "Invalid Api version specified on URL",
    "inactive_org": "organization is not active",
    "inactive_user": "user is inactive",
    "invalid_client": "invalid client credentials",
    "invalid_client_id": "client identifier invalid",
    "invalid_grant": "authentication failure",
    "unsupported_grant_type": "grant type not supported",
}
"""What Salesforce writes beside a code, where nothing better is known."""

FIELDS_OF_FAULT = {"REQUIRED_FIELD_MISSING": ["Due_Date__c"]}
"""Whose fault it is when a world names the code and nothing else."""
WITHOUT_FIELDS = ("INVALID_SESSION_ID", "NOT_FOUND", "REQUEST_LIMIT_EXCEEDED", "GONE", "MALFORMED_QUERY")
"""Errors that are not about a record, and so have no `fields`."""


class Refusal(Exception):
    """An answer that is an error; a code in small letters is one of OAuth's, and has its body."""

    def __init__(self, code: str, message: str = "", *, status: int = 0, fields: Sequence[str] | None = None) -> None:
        self.code = code
        self.status = status or USUAL_STATUS.get(code, 400)
        self.message = message or MESSAGE.get(code, f"Salesforce answered {self.status} ({code}).")
        self.fields = fields
        super().__init__(self.message)

    def answer(self) -> Answer:
        """The error as it is sent."""
        if self.code.islower():
            return Answer(status=self.status, body={"error": self.code, "error_description": self.message})
        return Answer(status=self.status, body=[self.body()])

    def body(self) -> dict[str, Any]:
        """The error as the API lists it."""
        said: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        return said if self.fields is None else {**said, "fields": list(self.fields)}


def refuse(status: int, error: str, retry_after: float | None) -> Answer:
    """A fault: a code of the API in its list, or an error of OAuth in OAuth's body. Salesforce says no Retry-After."""
    status = status or USUAL_STATUS.get(error, 400)
    code = error or USUAL_CODE.get(status) or ("UNKNOWN_EXCEPTION" if status >= 500 else "INVALID_INPUT")
    fields = None if code in WITHOUT_FIELDS or status != 400 else FIELDS_OF_FAULT.get(code, [])
    message = f"Required fields are missing: [{', '.join(fields)}]" if fields else ""
    answer = Refusal(code, message, status=status, fields=fields).answer()
    wait = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
    return Answer(status=answer.status, body=answer.body, headers=wait)
