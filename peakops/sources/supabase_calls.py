"""How Supabase is called: which addresses and headers, and which fields of an account are kept."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from peakops.errors import NotConfigured, NotFound, PeakopsError
from peakops.sources.http import Http
from peakops.sources.http_errors import Answer, Api
from peakops.sources.moments import moment
from peakops.sources.supabase_errors import refusal
from peakops.sources.supabase_keys import sent_as

Refusal = Callable[[Answer], PeakopsError | None]
API_VERSION = {"X-Supabase-Api-Version": "2024-01-01"}
"""From this version on an error is {code, message}; older ones are read too, since proxies drop headers."""
STATUS_PAGE = "https://status.supabase.com"
KEY, ADDRESS, TOKEN = "PEAKOPS_SUPABASE_KEY", "PEAKOPS_SUPABASE_URL", "PEAKOPS_SUPABASE_TOKEN"
TIMES = (
    "email_confirmed_at",
    "invited_at",
    "confirmation_sent_at",
    "recovery_sent_at",
    "email_change_sent_at",
    "last_sign_in_at",
    "created_at",
    "updated_at",
    "banned_until",
    "deleted_at",
)
"""Of an account, as GoTrue's API names them; one that is absent has not happened."""


def auth(key: str | None, *, url: str | None, deadline: float, setting: str = KEY) -> Http:
    """The project's Auth API with a key, which a setting holds. Raises NotConfigured where either is missing."""
    url, key = configured(url, key, setting)
    api = Api(source="supabase", title="Supabase Auth", key=setting, address=ADDRESS, page=STATUS_PAGE, refusal=refusal)
    return Http(api, f"{url}/auth/v1", deadline=deadline, headers={**sent_as(key), **API_VERSION})


def configured(url: str | None, key: str | None, setting: str) -> tuple[str, str]:
    """The project's address, and the key or token in a setting. Raises NotConfigured where either is missing."""
    if url and key:
        return url, key
    raise NotConfigured(
        "Supabase Auth is not configured.",
        code="supabase.not_configured",
        hint=f"Set {ADDRESS} and {setting}, or {setting}_FILE; see docs/settings.md.",
        source="supabase",
    )


def _no_project(answer: Answer) -> PeakopsError | None:
    if answer.status != 404:
        return None
    return NotFound(
        f"Supabase's Management API has no project of the ref in {ADDRESS}, or does not show it to the token.",
        code="supabase.no_project",
        hint=f"Check {ADDRESS}, and that {TOKEN} belongs to the project's organisation.",
    )


def management(token: str, *, url: str, deadline: float, refusal: Refusal = _no_project) -> Http:
    """Supabase's Management API with an access token; `refusal` tells what its answers mean to who asks."""
    api = Api(
        source="supabase",
        title="Supabase's Management API",
        key=TOKEN,
        address="PEAKOPS_SUPABASE_MANAGEMENT_URL",
        page=STATUS_PAGE,
        refusal=refusal,
    )
    return Http(api, url, deadline=deadline, headers={"Authorization": f"Bearer {token}"})


def ref_of(url: str) -> str:
    """The project's ref in its address, https://<ref>.supabase.co; a server of one's own is called local."""
    host = urlsplit(url).hostname or ""
    return host.partition(".")[0] if host.endswith((".supabase.co", ".supabase.in")) else "local"


def account_of(api: Http, id: str) -> tuple[Answer, dict[str, Any]]:
    """The account of this id, with the answer that brought it. Raises NotFound where Supabase Auth says it has none."""
    answer = api.get(account_path(id))
    with api.reading(answer):
        found = account(answer.body)
        if found["id"] != id.lower():
            raise ValueError("it is another account")
    return answer, found


def account_path(id: str) -> str:
    """Where an account is seen and changed."""
    return f"/admin/users/{quote(id, safe='')}"


def account(body: Mapping[str, Any]) -> dict[str, Any]:
    """The chosen fields of an account; times are datetimes. Raises KeyError, TypeError or ValueError otherwise."""
    if not isinstance(body["id"], str):
        raise TypeError("an account without an id")
    known = (body.get("app_metadata") or {}).get("providers") or [
        each["provider"] for each in body.get("identities") or ()
    ]
    return {
        "id": body["id"],
        "email": body.get("email") or None,
        "role": body.get("role") or None,
        "providers": sorted(set(known)),
        "is_anonymous": bool(body.get("is_anonymous")),
        **{name: moment(body.get(name)) for name in TIMES},
    }
