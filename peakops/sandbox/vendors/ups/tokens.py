"""UPS's tokens: given for the client's id and secret, known by the sandbox until they end."""

import base64
import secrets
from datetime import datetime, timedelta
from urllib.parse import parse_qs

from peakops.sandbox.state import Sandbox
from peakops.sandbox.times import written
from peakops.sandbox.vendors.ups.envelope import Refusal
from peakops.sandbox.wire import Answer, Request, State

STORE = "_tokens"
"""Where the state keeps when each token ends; a leading underscore says that it is no part of a world."""
LIFE_S = 3599
"""An hour since April 2026; before it was four."""


def issue(state: State, request: Request) -> Answer:
    """POST /security/v1/oauth/token: a token; every field of the answer is a string."""
    if not request.headers.get("authorization", "").startswith("Basic "):
        raise Refusal("10401")
    if request.headers["authorization"] != f"Basic {credentials()}":
        raise Refusal("250002")
    if parse_qs(request.body.decode("utf-8", "replace")).get("grant_type") != ["client_credentials"]:
        raise Refusal("10400")
    token = secrets.token_urlsafe(48)
    ends = written(request.now + timedelta(seconds=LIFE_S))
    state[STORE] = {name: until for name, until in state.get(STORE, {}).items() if ends_after(until, request.now)}
    state[STORE][token] = ends
    return Answer(
        body={
            "token_type": "Bearer",
            "issued_at": str(int(request.now.timestamp() * 1000)),
            "client_id": Sandbox.ups_client_id,
            "access_token": token,
            "expires_in": str(LIFE_S),
            "refresh_count": "0",
            "status": "approved",
        }
    )


def credentials() -> str:
    """The client's id and secret as HTTP Basic writes them."""
    return base64.b64encode(f"{Sandbox.ups_client_id}:{Sandbox.ups_client_secret}".encode()).decode()


def require(state: State, request: Request) -> None:
    """Refuse a call without a token, and one whose token is unknown or has ended."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme != "Bearer" or not token:
        raise Refusal("10401")
    until = state.get(STORE, {}).get(token)
    if until is None or not ends_after(until, request.now):
        raise Refusal("250002")


def ends_after(until: str, now: datetime) -> bool:
    """Whether a token still holds."""
    return datetime.fromisoformat(until) > now
