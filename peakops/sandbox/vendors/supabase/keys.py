"""Who asks: the gateway's look at the key, and Auth's at the bearer."""

import base64
import json
from typing import Any

from peakops.sandbox.state import Sandbox
from peakops.sandbox.vendors.supabase.envelope import Refusal, Turned
from peakops.sandbox.wire import Request

SECRET = Sandbox.supabase_key
PUBLISHABLE = "sb_publishable_sandbox000000000000000000"
SERVICE = "service_role"
ROLES = ("anon", SERVICE)


def require_key(request: Request) -> str:
    """
    The role of the key in `apikey`. Raises Turned for none, one that is not ours, and a secret one from a browser.

    Of a legacy key (a JWT) only the role and the end are looked at: the sandbox signs none, so any signature will do.
    """
    key = request.headers.get("apikey") or dict(request.query).get("apikey")
    if not key:
        raise Turned("No API key found in request", "No `apikey` request header or url param was found.")
    role = {SECRET: SERVICE, PUBLISHABLE: "anon"}.get(key) or claims(key, request).get("role")
    if role not in ROLES:
        raise Turned("Invalid API key", "Double check your Supabase `anon` or `service_role` API key.")
    if key == SECRET and request.headers.get("user-agent", "").startswith("Mozilla/"):
        raise Turned(
            "Forbidden use of secret API key in browser",
            "Secret API keys can only be used in a protected environment and should never be used in a browser.",
        )
    return str(role)


def require_admin(request: Request) -> None:
    """
    Refuse who is no admin, as Auth does: by the bearer alone.

    The gateway makes a bearer of a new key (`sb_…`) where none is sent, or the key itself; of a legacy key it does not.
    """
    key, bearer = request.headers.get("apikey", ""), bearer_of(request)
    if key.startswith("sb_") and bearer in (None, key):
        role = require_key(request)
    elif bearer is None:
        raise Refusal(401, "no_authorization")
    else:
        role = claims(bearer, request).get("role", "")
        if not role:
            raise Refusal(403, "bad_jwt", "invalid JWT: unable to parse or verify signature, token is malformed")
    if role != SERVICE:
        raise Refusal(403, "not_admin")


def require_token(request: Request) -> None:
    """Refuse who has no token of the Management API."""
    if bearer_of(request) != Sandbox.supabase_token:
        raise Turned("Unauthorized", "Create an access token in the account's settings.")


def bearer_of(request: Request) -> str | None:
    """The bearer of the Authorization header."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    return value.strip() or None if scheme.lower() == "bearer" else None


def claims(token: str, request: Request) -> dict[str, Any]:
    """What a JWT says that has not ended; nothing if it is none."""
    parts = token.split(".")
    try:
        found = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, IndexError):
        return {}
    if len(parts) != 3 or not isinstance(found, dict) or found.get("exp", 2**63) <= request.now.timestamp():
        return {}
    return found
