"""What Supabase Auth (GoTrue) says when it refuses, in the operator's words with a way out."""

import re

from peakops.errors import (
    Changed,
    Denied,
    NotFound,
    PeakopsError,
    RateLimited,
    Refused,
    TimedOut,
    Unauthenticated,
    Unreachable,
)
from peakops.sources.http_errors import Answer

USER_NOT_FOUND = "user_not_found"
_KEY = "Check the Supabase key: it must be a secret key (sb_secret_… or service_role) of this project."
_LOOK = "See how the account is now: peakops user check."
_LATER = "Look at https://status.supabase.com, then run it again."
_HOUR = "Wait an hour, then run it again; the limits are in the project's Auth settings."
_MINUTES = "Wait five minutes, then run it again; the limits are in the project's Auth settings."
_UNNAMED = "Look the code up in the list of error codes in Supabase's documentation of Auth."
_RECOVER = "Send the person a recovery mail: peakops user reset-password."

CODES: dict[str, tuple[type[PeakopsError], str, str]] = {
    # GoTrue's error code: the error, what it means, the hint
    USER_NOT_FOUND: (
        NotFound,
        "Supabase Auth has no account of this id.",
        "Check PEAKOPS_SUPABASE_URL: the account may be of another project, or deleted.",
    ),
    "email_exists": (Refused, "An account with this address exists and is confirmed.", _LOOK),
    "user_banned": (Refused, "The account is banned.", "See why with peakops user check."),
    "email_not_confirmed": (Refused, "The account's address is not confirmed.", "peakops user resend-confirmation"),
    "invalid_credentials": (Refused, "The address or the password is wrong.", _RECOVER),
    "otp_expired": (Refused, "The link or code has run out, or was used.", "Send a new one."),
    "same_password": (Refused, "The new password is the old one.", _RECOVER),
    "weak_password": (Refused, "The password is too weak for the project's rules.", _RECOVER),
    "email_address_invalid": (Refused, "Supabase Auth takes this for no usable address.", "Correct the address."),
    "email_address_not_authorized": (
        Refused,
        "Supabase's built-in mailer may only write to members of the project's team.",
        "Configure an SMTP server of your own in the project's Auth settings.",
    ),
    "email_provider_disabled": (
        Refused,
        "Logging in by e-mail is switched off in the project.",
        "Switch it on in the project's Auth settings.",
    ),
    "signup_disabled": (
        Refused,
        "New accounts are switched off in the project.",
        "Allow sign-ups in the project's Auth settings.",
    ),
    "captcha_failed": (Refused, "Supabase Auth asks for a captcha, which it does of every key but a secret one.", _KEY),
    "validation_failed": (
        Refused,
        "Supabase Auth takes a value of the request for invalid.",
        "Check how the address or the id is written.",
    ),
    "conflict": (
        Changed,
        "Somebody else is changing the same account; nothing was done.",
        "Wait a minute, then run it again.",
    ),
    "not_admin": (Denied, "The Supabase key may not see or change accounts.", _KEY),
    "no_authorization": (Unauthenticated, "Supabase Auth misses the key.", _KEY),
    "bad_jwt": (Unauthenticated, "Supabase Auth does not accept the key: it is of another project, or ended.", _KEY),
    "session_not_found": (Unauthenticated, "The session of the key is over.", _KEY),
    "over_email_send_rate_limit": (
        RateLimited,
        "Supabase Auth sends no mail now: its limit for mails is reached.",
        _HOUR,
    ),
    "over_request_rate_limit": (RateLimited, "Supabase Auth takes no such request from this network now.", _MINUTES),
    "hook_timeout": (TimedOut, "A hook of the project did not answer Supabase Auth in time.", _LATER),
    "request_timeout": (TimedOut, "Supabase Auth did not answer in time.", _LATER),
    "unexpected_failure": (Unreachable, "Supabase Auth failed; often its database did not answer.", _LATER),
}


def code_of(answer: Answer) -> str:
    """GoTrue's error code: the header's, or that of either envelope; empty where the gateway answered in its place."""
    body = answer.body if isinstance(answer.body, dict) else {}
    named = (answer.headers.get("x-sb-error-code"), body.get("error_code"), body.get("code"))
    return next((each for each in named if isinstance(each, str) and each), "")


def refusal(answer: Answer) -> PeakopsError | None:
    """The error for an answer with an error code of GoTrue's; None for one without, or with one that is not known."""
    code = code_of(answer)
    if code not in CODES:
        return _unnamed(answer, code)
    kind, says, hint = CODES[code]
    if kind is not RateLimited:
        return kind(says, code=f"supabase.{code}", hint=hint)
    wait = _seconds(answer)
    if wait is not None:
        says, hint = f"{says[:-1]}; ask again in {wait:.0f} s.", f"Wait {wait:.0f} s, then run it again."
    return kind(says, code=f"supabase.{code}", hint=hint, retry_after_s=wait)


def _unnamed(answer: Answer, code: str) -> PeakopsError | None:
    """A refusal of the request under a code that we do not know; what the HTTP status alone tells is told elsewhere."""
    if not code or answer.status not in (400, 422):
        return None
    says = f"Supabase Auth refused a request ({code})."
    known = re.fullmatch(r"\w+", code)
    return Refused(says, code=f"supabase.{code}" if known else "supabase.refused", hint=_UNNAMED)


def _seconds(answer: Answer) -> float | None:
    """How long to wait: Retry-After, or what the text says in words."""
    body = answer.body if isinstance(answer.body, dict) else {}
    said = re.search(r"after (\d{1,6}) seconds?", str(body.get("msg") or body.get("message") or ""))
    return float(said[1]) if said else answer.retry_after
