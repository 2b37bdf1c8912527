"""What SendGrid and Resend refuse, in the operator's words; no sentence of theirs is repeated, nor an address in it."""

import re
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from peakops.errors import Denied, NotFound, PeakopsError, RateLimited, Refused, Unauthenticated, Unreachable, unsent
from peakops.sources.http_errors import Answer, Api, rate_limited

ABSENT = "email.absent"
"""Resend has the endpoint and not the object; a 404 without that is no answer to the question."""
NOT_OFFERED = "email.not_offered"
INVALID_KEY = "email.invalid_api_key"
USED_BEFORE = "email.invalid_idempotent_request"
SENDING_ONLY = "email.restricted_api_key"
WORD = re.compile(r"[a-z_]{3,60}")
FIELD = re.compile(r"[a-z_.0-9]{1,60}")
LONGEST_WAIT_S = 3600.0
"""A rate limit's end that is further away is no time of this clock."""
SCOPES_OF_PEOPLE = "suppression.read and email_activity.read"
SCOPES_OF_ACCOUNT = "stats.read, whitelabel.read, user.credits.read and mail_settings.address_whitelist.read"
SCOPES_OF_WRITING = (
    "mail.send, email_activity.read, suppression.read, suppression.delete, "
    "mail_settings.address_whitelist.read and mail_settings.address_whitelist.update"
)


def sendgrid(key: str, scopes: str) -> Api:
    """SendGrid's API, as its errors speak of it, under the key in a setting, which needs these scopes."""
    return Api(
        source="email",
        title="SendGrid",
        key=key,
        address="PEAKOPS_SENDGRID_URL",
        page="https://status.sendgrid.com",
        refusal=partial(_of_sendgrid, key=key, scopes=scopes),
    )


def resend(key: str) -> Api:
    """Resend's API, likewise."""
    return Api(
        source="email",
        title="Resend",
        key=key,
        address="PEAKOPS_RESEND_URL",
        page="https://resend-status.com",
        refusal=partial(_of_resend, key=key),
    )


def unless(code: str, ask: Callable[[], Answer]) -> Answer | None:
    """The answer; None where it is refused under this code of ours, which is an answer too."""
    try:
        return ask()
    except PeakopsError as wrong:
        if wrong.code != code:
            raise
        return None


def _of_sendgrid(answer: Answer, key: str, scopes: str) -> PeakopsError | None:
    """SendGrid has no codes: an account without credits answers 401, an unverified sender 403, as a bad key does."""
    # To be compared, and not shown.
    said = str(_first(answer).get("message")).lower()
    match answer.status:
        case 401 | 403 if "credits" in said:
            return RateLimited(
                "SendGrid sends no more mails: the account's credits are used up.",
                code="email.maximum_credits_exceeded",
                hint="Wait for the next period, or have the plan raised in SendGrid's settings.",
            )
        case 401:
            return Unauthenticated("SendGrid does not accept the key.", code=INVALID_KEY, hint=f"Check {key}.")
        case 403 if "sender identity" in said:
            return _sender("SendGrid", "email.sender_unverified")
        case 403:
            hint = f"Give the key in {key} {scopes} in SendGrid's settings."
            return Denied("The SendGrid key lacks a scope.", code="email.permission_denied", hint=hint)
        case 405:
            return _not_offered("SendGrid", answer)
        case 400:
            says = f"SendGrid refuses the request{_field(answer)} (HTTP 400)."
            hint = "Tell engineering: it is refused each time."
            return Unreachable(says, code="email.refused", hint=hint)
        case 413:
            hint = "Look at the notification's text; nothing was sent."
            return unsent(Refused("SendGrid takes no mail of this size.", code="email.too_large", hint=hint))
        case 429:
            return _limited("SendGrid", answer, _until(answer.headers.get("x-ratelimit-reset")))
    return None


def _of_resend(answer: Answer, key: str) -> PeakopsError | None:
    """What Resend's `name` of an error means; the key's faults come under 401 and 403 alike."""
    name = _name(answer)
    match name:
        case "restricted_api_key":
            hint = f"Set {key} to a key with full access."
            return Denied("The Resend key may only send mails, and read nothing.", code=SENDING_ONLY, hint=hint)
        case "invalid_api_key" | "missing_api_key":
            return Unauthenticated("Resend does not accept the key.", code=f"email.{name}", hint=f"Check {key}.")
        case "validation_error" if answer.status == 403:
            return _sender("Resend", "email.validation_error")
        case "not_found" if "endpoint" not in str(answer.body.get("message")):
            return NotFound("Resend does not have it.", code=ABSENT)
        case "invalid_idempotent_request":
            says = "A mail of this reference went out in the last 24 hours, with another text; no second one was sent."
            return unsent(Refused(says, code=USED_BEFORE, hint="See what became of it: peakops notify check"))
        case "daily_quota_exceeded" | "monthly_quota_exceeded":
            says = f"Resend sends no more mails: the account's {name.partition('_')[0]} quota is used up."
            hint = "Wait for the next period, or have the plan raised in Resend's settings."
            return RateLimited(says, code=f"email.{name}", hint=hint)
    return _by_status(answer, name)


def _by_status(answer: Answer, name: str) -> PeakopsError | None:
    """The refusals of Resend's that its HTTP status tells, with its own word where there is one."""
    match answer.status:
        case 404 | 405:
            return _not_offered("Resend", answer)
        case 400 | 422 | 451 if name:
            says = f"Resend refused a request ({name})."
            hint = "Look at https://resend.com/docs/api-reference/errors."
            return unsent(Unreachable(says, code="email.refused", hint=hint))
        case 429:
            return _limited("Resend", answer, _seconds(answer.headers.get("ratelimit-reset")))
    return None


def _sender(title: str, code: str) -> Denied:
    says = f"{title} does not send from the sender's address: neither it nor its domain is verified."
    hint = f"Compare PEAKOPS_EMAIL_FROM with the domains in {title}'s settings, and have the domain verified there."
    return Denied(says, code=code, hint=hint)


def _not_offered(title: str, answer: Answer) -> PeakopsError:
    """The endpoint itself is missing, which says nothing of what was asked for."""
    says = f"{title} does not offer this at its address (HTTP {answer.status})."
    hint = f"Check PEAKOPS_{title.upper()}_URL, and whether the account has this part of the API."
    return unsent(NotFound(says, code=NOT_OFFERED, hint=hint))


def _limited(title: str, answer: Answer, seconds: float | None) -> RateLimited:
    return rate_limited("email", title, answer.retry_after if answer.retry_after is not None else seconds)


def _until(written: str | None) -> float | None:
    """The seconds until a moment in Unix seconds, as SendGrid writes the end of its limit; None where it is none."""
    moment = _number(written)
    return None if moment is None else _sensible(moment - time.time())


def _seconds(written: str | None) -> float | None:
    """A number of seconds, as Resend writes it."""
    seconds = _number(written)
    return None if seconds is None else _sensible(seconds)


def _number(written: str | None) -> float | None:
    return float(written) if written and re.fullmatch(r"\d{1,12}(\.\d+)?", written) else None


def _sensible(seconds: float) -> float | None:
    return seconds if 0 <= seconds <= LONGEST_WAIT_S else None


def _first(answer: Answer) -> Mapping[str, Any]:
    """SendGrid's first error, with its sentence and its field; empty where there is none."""
    errors = answer.body.get("errors") if isinstance(answer.body, Mapping) else None
    first = errors[0] if isinstance(errors, list) and errors else None
    return first if isinstance(first, Mapping) else {}


def _field(answer: Answer) -> str:
    """The field that SendGrid's first error is about, as a part of a sentence; empty where it names none."""
    field = _first(answer).get("field")
    return f" for its field '{field}'" if isinstance(field, str) and FIELD.fullmatch(field) else ""


def _name(answer: Answer) -> str:
    """Resend's word for an error; empty where there is none that could be one."""
    name = answer.body.get("name") if isinstance(answer.body, Mapping) else None
    return name if isinstance(name, str) and WORD.fullmatch(name) else ""
