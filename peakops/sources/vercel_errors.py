"""Vercel's API, opened with the token, and what it says when it refuses, in the operator's words."""

from typing import Any

from peakops.errors import Denied, NotConfigured, NotFound, PeakopsError, Refused, TimedOut, Unauthenticated
from peakops.settings import Settings
from peakops.sources.http import Http
from peakops.sources.http_errors import Answer, Api
from peakops.sources.patience import RETRIES

TOKEN, PROJECT, TEAM = "PEAKOPS_VERCEL_TOKEN", "PEAKOPS_VERCEL_PROJECT", "PEAKOPS_VERCEL_TEAM"
TOKENS = "https://vercel.com/account/settings/tokens"
NOT_CONFIGURED = "vercel.not_configured"


def opened(settings: Settings, *, deadline: float, retries: int = RETRIES) -> Http:
    """The API with the token. Raises NotConfigured where it is missing."""
    if not settings.vercel_token:
        raise missing(TOKEN)
    api = Api(
        source="vercel",
        title="Vercel",
        key=TOKEN,
        address="PEAKOPS_VERCEL_URL",
        page="https://www.vercel-status.com",
        refusal=refusal,
    )
    headers = {"Authorization": f"Bearer {settings.vercel_token}"}
    return Http(api, settings.vercel_url, deadline=deadline, headers=headers, retries=retries)


def missing(setting: str) -> NotConfigured:
    """The error for a setting without which Vercel cannot be asked."""
    file = f" or {setting}_FILE" if setting == TOKEN else ""
    hint = f"Set {setting}{file}; see docs/settings.md."
    return NotConfigured("Vercel is not configured.", code=NOT_CONFIGURED, hint=hint, source="vercel")


def refusal(answer: Answer) -> PeakopsError | None:
    """
    The error for a refusal that Vercel words as no other does; None where the HTTP status tells enough.

    A token that has ended is refused with 403 and `invalidToken`, one of another team with 403 alone.
    """
    error = _error_of(answer)
    match answer.status:
        case 400:
            return _malformed(str(error.get("code")), str(error.get("message")))
        case 401:
            return _invalid()
        case 402:
            return Denied(
                "The team's plan at Vercel does not include these figures.",
                code="vercel.plan",
                hint="Speed Insights needs no Observability Plus, other metrics do: ask who owns the plan.",
            )
        case 403:
            return _invalid() if error.get("invalidToken") or error.get("missingToken") else _forbidden()
        case 404:
            return _unknown(str(error.get("message")))
        case 408:
            later = "Ask for a shorter time, or run it again."
            return TimedOut("Vercel gave its own query up.", code="vercel.query_timeout", hint=later)
        case 410:
            newer = "Use a newer peakops."
            return Refused("Vercel has retired what was asked for.", code="vercel.retired", hint=newer)
    return None


def _error_of(answer: Answer) -> dict[str, Any]:
    """What the envelope holds: {"error": …}, in a few places {"err": …}; empty for another body."""
    body = answer.body if isinstance(answer.body, dict) else {}
    error = body.get("error") or body.get("err")
    return error if isinstance(error, dict) else {}


def _malformed(code: str, message: str) -> Refused | None:
    if code == "unknown_metric":
        hint = "Switch Speed Insights on for the project, or use a newer peakops."
        return Refused("Vercel does not know the metric.", code="vercel.unknown_metric", hint=hint)
    if "plan only grants access" in message:
        says = "The team's plan at Vercel keeps no figures that are so old."
        return Refused(says, code="vercel.history", hint="Ask for a shorter time: --since 7d.")
    return None


def _invalid() -> Unauthenticated:
    return Unauthenticated(
        "Vercel does not accept the token: it has ended, was deleted, or is mistyped.",
        code="vercel.invalid_token",
        hint=f"Make a new one ({TOKENS}), and set {TOKEN}.",
    )


def _forbidden() -> Denied:
    return Denied(
        "Vercel refuses this to the token: it is not of the project's team, is of one project alone, or has ended.",
        code="vercel.forbidden",
        hint=f"Check {TEAM}, and the token's scope and end ({TOKENS}).",
    )


def _unknown(message: str) -> NotFound:
    if "Observability" in message:
        return NotFound(
            "Vercel shows these figures to no token that is of one project alone.",
            code="vercel.project_token",
            hint=f"Set {TOKEN} to a token of the team ({TOKENS}).",
        )
    says = "Vercel does not have the project, or does not show it to the token."
    return NotFound(says, code="vercel.not_found", hint=f"Check {PROJECT} and {TEAM}.")
