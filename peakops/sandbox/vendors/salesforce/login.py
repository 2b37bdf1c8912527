"""How one logs in to Salesforce: by the app's secret, a signed assertion, or a password; and who is logged in then."""

import base64
import binascii
import hmac
import json
import secrets
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from peakops.sandbox.state import Sandbox
from peakops.sandbox.vendors.objects import Object
from peakops.sandbox.vendors.salesforce.envelope import Refusal
from peakops.sandbox.wire import Answer, Request, State

PASSWORD = "sandbox0salesforce0password"  # noqa: S105  (of every user of the sandbox's Salesforce)
SECURITY_TOKEN = "sandbox0security0token"  # noqa: S105
"""What may follow the password."""
INSTANCE = "https://sandbox.my.salesforce.com"
"""The My Domain that a log-in names. Nothing answers there: the client finds the sandbox by its own settings."""
JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
TOKENS = "_tokens"
"""Private key of the state: the users' ids by the access tokens that were given out."""


def token(state: State, request: Request) -> Answer:
    """POST /services/oauth2/token. Raises Refusal in OAuth's form."""
    form = dict(parse_qsl(request.body.decode("utf-8", "replace")))
    match form.get("grant_type"):
        case "client_credentials":
            require_app(*basic(request, form))
            user = state["users"][0]
        case "password":
            require_app(form.get("client_id"), form.get("client_secret"))
            user = by_password(state, form.get("username", ""), form.get("password", ""))
        case grant if grant == JWT:
            user = by_assertion(state, form.get("assertion", ""), request.now)
        case _:
            raise Refusal("unsupported_grant_type")
    if not user["IsActive"]:
        raise Refusal("inactive_user")
    return Answer(body=granted(state, user, request.now))


def basic(request: Request, form: dict[str, str]) -> tuple[str | None, str | None]:
    """The app's key and secret, from the Authorization header or from the form."""
    scheme, _, coded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return form.get("client_id"), form.get("client_secret")
    try:
        key, _, secret = base64.b64decode(coded).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None, None
    return key, secret


def require_app(key: str | None, secret: str | None) -> None:
    """Refuse another app than the portal's."""
    if key != Sandbox.salesforce_consumer_key:
        raise Refusal("invalid_client_id")
    if not hmac.compare_digest((secret or "").encode(), Sandbox.salesforce_consumer_secret.encode()):
        raise Refusal("invalid_client")


def by_password(state: State, username: str, password: str) -> Object:
    """The user with this name and the sandbox's password."""
    user = named(state, username)
    if user is None or password not in (PASSWORD, PASSWORD + SECURITY_TOKEN):
        raise Refusal("invalid_grant")
    return user


def by_assertion(state: State, assertion: str, now: datetime) -> Object:
    """
    The user whom a JWT names; the sandbox looks at no signature, for it has no certificate.

    A client signs by the real clock, whatever the world's clock says, so that the end may be after either.
    """
    claims = claims_of(assertion)
    if claims.get("iss") != Sandbox.salesforce_consumer_key:
        raise Refusal("invalid_client_id")
    if not claims.get("aud"):
        raise Refusal("invalid_grant", "audience is invalid")
    if float(claims.get("exp", 0)) <= min(now, datetime.now(UTC)).timestamp():
        raise Refusal("invalid_grant", "expired authorization code")
    user = named(state, str(claims.get("sub", "")))
    if user is None:
        raise Refusal("invalid_grant", "user hasn't approved this consumer")
    return user


def claims_of(assertion: str) -> dict[str, Any]:
    """What a JWT says. Raises Refusal for what is none."""
    parts = assertion.split(".")
    try:
        found = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        float(found.get("exp", 0))
    except (ValueError, IndexError, AttributeError, TypeError) as error:
        raise Refusal("invalid_grant", "invalid assertion") from error
    return dict(found)


def named(state: State, username: str) -> Object | None:
    """The user with this name; upper and lower case are the same in it."""
    return next((each for each in state["users"] if each["Username"].casefold() == username.casefold()), None)


def granted(state: State, user: Object, now: datetime) -> dict[str, Any]:
    """An access token and what Salesforce says with it; it does not say when the token ends."""
    return {
        "access_token": session(state, user),
        "instance_url": INSTANCE,
        "id": identity(state, user),
        "token_type": "Bearer",
        "issued_at": str(int(now.timestamp() * 1000)),
        "signature": base64.b64encode(secrets.token_bytes(32)).decode(),
        "scope": "api",
    }


def session(state: State, user: Object) -> str:
    """A new session of the user's."""
    value = f"{state['organization']['Id'][:15]}!{secrets.token_hex(40)}"
    state.setdefault(TOKENS, {})[value] = user["Id"]
    return value


def identity(state: State, user: Object) -> str:
    """The address that names a user of an organization."""
    return f"https://login.salesforce.com/id/{state['organization']['Id']}/{user['Id']}"


def user_of(state: State, request: Request) -> Object | None:
    """Whose session the request's bearer is; None for one that is unknown."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    found = state.get(TOKENS, {}).get(value.strip()) if scheme.lower() in ("bearer", "oauth") else None
    return next((each for each in state["users"] if each["Id"] == found), None)


def userinfo(state: State, request: Request) -> Answer:
    """GET /services/oauth2/userinfo; who is not logged in gets a line of text, and 403."""
    user = user_of(state, request)
    if user is None:
        return Answer(status=403, body=b"Bad_OAuth_Token", headers={"Content-Type": "text/html;charset=UTF-8"})
    return Answer(
        body={
            "sub": identity(state, user),
            "user_id": user["Id"],
            "organization_id": state["organization"]["Id"],
            "preferred_username": user["Username"],
            "nickname": user["Username"].partition("@")[0],
            "name": "Integration User",
            "email": user["Username"],
            "email_verified": True,
            "user_type": "STANDARD",
            "active": user["IsActive"],
            "urls": {"rest": f"{INSTANCE}/services/data/v{{version}}/"},
        }
    )
