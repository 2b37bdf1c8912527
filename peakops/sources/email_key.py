"""The e-mail providers' APIs, opened with the keys of their settings."""

from peakops.errors import NotConfigured
from peakops.settings import Settings
from peakops.sources import email_errors
from peakops.sources.http import Http
from peakops.sources.http_errors import Api

SENDGRID_WRITE_KEY, RESEND_WRITE_KEY = "PEAKOPS_SENDGRID_WRITE_KEY", "PEAKOPS_RESEND_WRITE_KEY"


def sendgrid(settings: Settings, scopes: str, *, deadline: float) -> Http:
    """SendGrid with the key that reads, and the scopes that its looks need. Raises NotConfigured."""
    api = email_errors.sendgrid("PEAKOPS_SENDGRID_API_KEY", scopes)
    return opened(api, settings.sendgrid_api_key, url=settings.sendgrid_url, deadline=deadline)


def resend(settings: Settings, *, deadline: float) -> Http:
    """Resend, likewise."""
    api = email_errors.resend("PEAKOPS_RESEND_API_KEY")
    return opened(api, settings.resend_api_key, url=settings.resend_url, deadline=deadline)


def opened(api: Api, key: str | None, *, url: str, deadline: float) -> Http:
    """The provider with its key as a bearer token. Raises NotConfigured where the key is missing."""
    if key:
        return Http(api, url, deadline=deadline, headers={"Authorization": f"Bearer {key}"})
    raise NotConfigured(
        f"{api.title} is the e-mail provider, and its key is missing.",
        code="email.not_configured",
        hint=f"Set {api.key} or {api.key}_FILE; see docs/settings.md.",
        source="email",
    )


def plain(address: str) -> str:
    """An address as both providers keep it."""
    return address.strip().lower()
