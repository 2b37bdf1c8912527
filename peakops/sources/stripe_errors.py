"""What Stripe says when it refuses or fails, in the operator's words with a way out."""

import re

import stripe

from peakops.errors import Denied, NotFound, PeakopsError, RateLimited, TimedOut, Unauthenticated, Unreachable


def unreadable(why: str) -> Unreachable:
    """The error for an answer that is none of Stripe's."""
    says = f"Stripe's answer cannot be read: {why}."
    return Unreachable(says, code="stripe.unreadable", hint=_STATUS_PAGE, source="stripe")


def headers(wrong: stripe.StripeError) -> dict[str, str]:
    """The headers of the answer, their names in lower case."""
    return {str(key).lower(): str(value) for key, value in (wrong.headers or {}).items()}


def retry_after(wrong: stripe.StripeError) -> float | None:
    """The seconds after which Stripe wants to be asked again, where it says so."""
    try:
        return float(headers(wrong)["retry-after"])
    except (KeyError, ValueError):
        return None


def translated(wrong: stripe.StripeError) -> PeakopsError:
    """The error to raise for one of the SDK's; a 403 names the permission that is missing."""
    said = (wrong.user_message or "").strip()
    kind, code, says, hint = _meaning(wrong, said)
    error = kind(says, code=code, hint=hint, source="stripe", request_id=wrong.request_id or "")
    error.http_status = wrong.http_status or 0
    if isinstance(error, RateLimited):
        error.retry_after_s = retry_after(wrong)
    return error


def _meaning(wrong: stripe.StripeError, said: str) -> tuple[type[PeakopsError], str, str, str]:
    status = wrong.http_status or 0
    match wrong:
        case stripe.AuthenticationError():
            return Unauthenticated, "stripe.invalid_key", "Stripe does not accept the API key.", _KEY
        case stripe.PermissionError():
            permission = re.search(r"rak_\w+", said)
            named = f"the permission {permission[0]}" if permission else "a permission"
            return Denied, "stripe.permission_denied", f"The Stripe key lacks {named}.", _RIGHTS
        case stripe.RateLimitError():
            return RateLimited, "stripe.rate_limited", "Stripe still answers 429 after waiting.", _LATER
        case stripe.InvalidRequestError() if wrong.code == "resource_missing":
            return NotFound, "stripe.not_found", said, ""
        case stripe.APIConnectionError() if re.search(r"[Tt]imed? ?out", str(wrong)):
            return TimedOut, "stripe.timeout", "Stripe did not answer in time.", _STATUS_PAGE
        case stripe.APIConnectionError():
            return Unreachable, "stripe.unreachable", "Stripe could not be reached.", _STATUS_PAGE
    if status < 300:
        return Unreachable, "stripe.unreadable", f"Stripe's answer is not JSON (HTTP {status}).", _STATUS_PAGE
    if status >= 500:
        return Unreachable, "stripe.failed", f"Stripe failed with HTTP {status}.", _STATUS_PAGE
    return Unreachable, "stripe.refused", f"Stripe refused a request (HTTP {status}): {said}", _STATUS_PAGE


_KEY = "Check PEAKOPS_STRIPE_API_KEY; a key that expired or was rolled is made anew in Stripe's dashboard."
_RIGHTS = "Add it to the restricted key in Stripe's dashboard (Developers, API keys)."
_LATER = "Run it again in a minute."
_STATUS_PAGE = "Look at https://status.stripe.com, then run it again."
