"""Vercel's API, opened with the token, and what it says when it refuses, in the operator's words."""

from collections.abc import Callable
from functools import partial
from typing import Any

from peakops.errors import Denied, NotConfigured, NotFound, PeakopsError, Refused, TimedOut, Unauthenticated
from peakops.settings import Settings
from peakops.sources.http import Http
from peakops.sources.http_errors import Answer, Api
from peakops.sources.patience import RETRIES

TOKEN, PROJECT, TEAM = "PEAKOPS_VERCEL_TOKEN", "PEAKOPS_VERCEL_PROJECT", "PEAKOPS_VERCEL_TEAM"
TOKENS = "https://vercel.com/account/settings/tokens"
NOT_CONFIGURED = "vercel.not_configured"
Refusal = Callable[[Answer], PeakopsError | None]


def opened(settings: Settings, *, deadline: float, retries: int = RETRIES) -> Http:
    """The API with the token. Raises NotConfigured where it is missing."""
    if not settings.vercel_token:
        raise missing(TOKEN)
    return _http(settings, settings.vercel_token, TOKEN, refusal, deadline=deadline, retries=retries)


def of_firewall(settings: Settings, token: str, setting: str, *, deadline: float) -> Http:
    """The API of the firewall with a token, and the setting that it comes from, which its refusals name."""
    return _http(settings, token, setting, partial(_refusal_of_firewall, setting), deadline=deadline, retries=RETRIES)


def _http(settings: Settings, token: str, setting: str, refusal: Refusal, *, deadline: float, retries: int) -> Http:
    api = Api(
        source="vercel",
        title="Vercel",
        key=setting,
        address="PEAKOPS_VERCEL_URL",
        page="https://www.vercel-status.com",
        refusal=refusal,
    )
    headers = {"Authorization": f"Bearer {token}"}
    return Http(api, settings.vercel_url, deadline=deadline, headers=headers, retries=retries)


def _refusal_of_firewall(setting: str, answer: Answer) -> PeakopsError | None:
    """As `refusal`, of what is asked of the firewall; Vercel's own text is not repeated."""
    match answer.status:
        case 400:
            says = "Vercel takes what was asked of the firewall for malformed."
            return Refused(says, code="vercel.malformed_change", hint="Use a newer peakops, or change it at Vercel.")
        case 402:
            says = "The team's plan at Vercel does not include this, or no more of it."
            return Denied(
                says, code="vercel.plan", hint="Take a block back that is not needed, or ask who owns the plan."
            )
    error = refusal(answer)
    if error and error.hint:
        error.hint = error.hint.replace(TOKEN, setting)
    return error


def project_of(settings: Settings) -> dict[str, str | int]:
    """
    The query that names the project, and its team, without which Vercel looks in the account of the token's user.

    Raises NotConfigured where no project is set.
    """
    if not settings.vercel_project:
        raise missing(PROJECT)
    return {"projectId": settings.vercel_project, **team_of(settings)}


def team_of(settings: Settings) -> dict[str, str]:
    """The query that names the team, by its id or its slug; empty where none is set."""
    team = settings.vercel_team
    return {"teamId" if team.startswith("team_") else "slug": team} if team else {}


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
