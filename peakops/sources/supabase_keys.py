"""The kinds of Supabase's API keys: what each may do, when it ends, and how it is sent."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

from peakops.errors import Denied

SECRET, PUBLISHABLE, SERVICE_ROLE, ANON, UNKNOWN = "secret", "publishable", "service_role", "anon", "unknown"
ADMIN = (SECRET, SERVICE_ROLE)
LEGACY = (SERVICE_ROLE, ANON)
"""JSON Web Tokens, which Supabase gives up by the end of 2026."""
PREFIXES = {"sb_secret_": SECRET, "sb_publishable_": PUBLISHABLE}


def kind_of_key(key: str) -> str:
    """Which kind a key is: secret, publishable, service_role, anon, or unknown."""
    for prefix, kind in PREFIXES.items():
        if key.startswith(prefix):
            return kind
    role = _claims(key).get("role")
    return str(role) if role in LEGACY else UNKNOWN


def expiry_of_key(key: str) -> datetime | None:
    """When a legacy key ends, in UTC; the others do not."""
    ends = _claims(key).get("exp")
    # RFC 7519 lets a date have fractions of seconds.
    return datetime.fromtimestamp(ends, UTC) if isinstance(ends, int | float) and 0 < ends < 1 << 35 else None


def sent_as(key: str) -> dict[str, str]:
    """The headers that carry a key; only the legacy ones are JSON Web Tokens that may be bearers too."""
    legacy = {"Authorization": f"Bearer {key}"} if kind_of_key(key) in LEGACY else {}
    return {"apikey": key, **legacy}


def need_admin(key: str, setting: str) -> None:
    """Raises Denied where the key in a setting is none that reads and changes people's accounts."""
    kind = kind_of_key(key)
    if kind not in ADMIN:
        holds = "none of Supabase's keys" if kind == UNKNOWN else f"a key of the kind {kind}"
        raise Denied(
            f"{setting} holds {holds}, which may not see or change accounts.",
            code="supabase.not_admin",
            hint=f"Set {setting} to a secret key (sb_secret_…) of the project.",
            source="supabase",
        )


def _claims(key: str) -> dict[str, Any]:
    """What a JSON Web Token says of itself, unverified; nothing for what is none."""
    parts = key.split(".")
    if len(parts) != 3:
        return {}
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}
