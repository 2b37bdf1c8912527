"""Stripe's idempotency keys: the same key with the same request gives the stored answer, for a day."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from peakops.sandbox.vendors.stripe.envelope import Refusal
from peakops.sandbox.vendors.stripe.reads import Call
from peakops.sandbox.wire import Request

STORE = "_idempotency"
"""Where the state keeps the answers by idempotency key; a leading underscore says that it is no part of a world."""

KEPT_S = 24 * 3600
"""Stripe may forget a key once it is a day old, so a client must not rely on it longer."""

LONGEST_KEY = 255

Outcome = tuple[int, dict[str, Any], bool]
"""Status, body, and whether it is a stored answer."""


def once(call: Call, request: Request, act: Callable[[], dict[str, Any]]) -> Outcome:
    """Carry a write out, unless its key has been used: then answer what was answered the first time."""
    key = request.headers.get("idempotency-key")
    if not key:
        return 200, act(), False
    if len(key) > LONGEST_KEY:
        raise Refusal(400, f"An idempotency key has at most {LONGEST_KEY} characters.", type="idempotency_error")
    kept = call.state.setdefault(STORE, {})
    name, now = f"{call.mode}:{key}", call.now.timestamp()
    asked = [request.path, sorted([parameter, *values] for parameter, values in call.parameters.values.items())]
    entry = kept.get(name)
    if entry and now - entry["at"] < KEPT_S:
        return replayed(entry, asked, key)
    try:
        status, body = 200, act()
    except Refusal as refusal:
        if refusal.executed:
            kept[name] = {"at": now, "asked": asked, "refusal": [refusal.status, deepcopy(refusal.error)]}
        raise
    kept[name] = {"at": now, "asked": asked, "status": status, "body": deepcopy(body)}
    return status, body, False


def replayed(entry: dict[str, Any], asked: list[Any], key: str) -> Outcome:
    """The stored answer, unless the key comes with another request than before."""
    if entry["asked"] != asked:
        message = (
            f"The idempotency key '{key}' was used before with another request. "
            "Keys for idempotent requests can only be used with the same parameters."
        )
        raise Refusal(400, message, type="idempotency_error")
    if "refusal" in entry:
        status, error = entry["refusal"]
        raise Refusal(status, **error, replayed=True)
    return entry["status"], entry["body"], True
