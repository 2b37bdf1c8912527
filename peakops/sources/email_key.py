"""An e-mail provider's API, opened with the key of its setting."""

from peakops.errors import NotConfigured
from peakops.sources.http import Http
from peakops.sources.http_errors import Api


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
