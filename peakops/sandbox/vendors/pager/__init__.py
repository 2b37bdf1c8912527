"""Where people are called, as the sandbox plays it: Slack's incoming webhooks, and a webhook that takes any JSON."""

import json
from datetime import datetime
from http import HTTPStatus
from typing import Any

from peakops.sandbox.refusals import only
from peakops.sandbox.refusals import refuse as refuse_world
from peakops.sandbox.times import written
from peakops.sandbox.vendors.objects import objects, one_of, text
from peakops.sandbox.vendors.routes import Route, find
from peakops.sandbox.wire import Answer, Request, State

NAME = "pager"
PLAIN = {"Content-Type": "text/html; charset=utf-8"}
"""How Slack sends its word of an answer."""
WORDS = {
    **{"invalid_payload": 400, "no_text": 400, "user_not_found": 400, "too_many_attachments": 400},
    **{"action_prohibited": 403, "posting_to_general_channel_denied": 403, "invalid_token": 403, "team_disabled": 403},
    **{"channel_not_found": 404, "no_service": 404, "no_team": 404, "channel_is_archived": 410, "rollup_error": 500},
}
"""Slack's words for what it does not take, with their status (docs.slack.dev, incoming webhooks)."""
LIMITED = "rate_limited"
RETRY_AFTER_S = 30
HOOKS = {"sandbox0slack0hook": "slack", "sandbox0page0hook": "webhook"}
"""The addresses that the sandbox's settings name; a world may add its own, or archive one."""
HOOK = ("token", "kind", "error")
MESSAGE = ("at", "kind", "body")
KINDS = ("slack", "webhook")
LARGEST_TEXT = 40_000
"""Slack cuts a text that is longer; here it is refused, so that a test sees it."""


def complete(part: State, now: datetime) -> State:
    """The world's part, checked: hooks with what they answer (`error` is one of Slack's words), and old messages."""
    only(part, ("hooks", "messages"), NAME, "resource")
    hooks = {token: {"token": token, "kind": kind, "error": ""} for token, kind in HOOKS.items()}
    for given, place in objects(part.get("hooks", []), HOOK, f"{NAME}.hooks"):
        token = text(given, "token", place)
        kind = one_of(given, "kind", KINDS, place, HOOKS.get(token, "slack"))
        error = one_of(given, "error", ("", LIMITED, *WORDS), place, "")
        if error and kind != "slack":
            refuse_world(f"{place}.error", "is Slack's; let a fault refuse at a webhook.")
        hooks[token] = {"token": token, "kind": kind, "error": error}
    messages = [each for each, _ in objects(part.get("messages", []), MESSAGE, f"{NAME}.messages")]
    return {"hooks": list(hooks.values()), "messages": [{"at": written(now), **each} for each in messages]}


def slack(state: State, request: Request, token: str) -> Answer:
    """A message for a channel of Slack's: `ok`, or a word that says why not."""
    hook = _hook(state, "slack", token)
    if hook is None:
        return refuse(0, "no_service", None)
    if hook["error"]:
        return refuse(0, hook["error"], None)
    body = _json(request)
    if body is None:
        return refuse(0, "invalid_payload", None)
    said = body.get("text")
    if not (said or body.get("blocks") or body.get("attachments")):
        return refuse(0, "no_text", None)
    if said is not None and (not isinstance(said, str) or len(said) > LARGEST_TEXT):
        return refuse(0, "invalid_payload", None)
    _keep(state, request, "slack", body)
    return Answer(body=b"ok", headers=PLAIN)


def webhook(state: State, request: Request, token: str) -> Answer:
    """A page for whatever stands behind a webhook: any JSON object is taken."""
    body = _json(request)
    if _hook(state, "webhook", token) is None:
        return refuse(404, "", None)
    if body is None:
        return refuse(400, "", None)
    _keep(state, request, "webhook", body)
    return Answer(status=202, body={"taken": True})


def messages(state: State, request: Request) -> Answer:  # noqa: ARG001  (as every route)
    """What was taken, in its order: no service has this; it is how a test, or somebody who tries, reads along."""
    return Answer(body=state["messages"])


TABLE = (
    Route("POST", "/slack/{token}", slack),
    Route("POST", "/hook/{token}", webhook),
    Route("GET", "/messages", messages),
)
ROUTES = tuple((route.method, route.template) for route in TABLE)


def handle(state: State, request: Request) -> Answer:
    """Answer as Slack, or as the webhook."""
    found = find(TABLE, request)
    if found is None:
        return Answer(status=404, body=b"not_found", headers={**PLAIN, "Sandbox-Unknown-Route": "1"})
    route, named = found
    return route.act(state, request, **named)


def refuse(status: int, error: str, retry_after: float | None) -> Answer:
    """A refusal in Slack's way: a word as text. A limit says when to come again."""
    code = status or WORDS.get(error, 429 if error == LIMITED else 500)
    wait = RETRY_AFTER_S if retry_after is None and code == 429 else retry_after
    headers = PLAIN if wait is None else {**PLAIN, "Retry-After": f"{wait:g}"}
    return Answer(status=code, body=(error or HTTPStatus(code).phrase).encode(), headers=headers)


def _hook(state: State, kind: str, token: str) -> dict[str, Any] | None:
    return next((each for each in state["hooks"] if (each["kind"], each["token"]) == (kind, token)), None)


def _json(request: Request) -> dict[str, Any] | None:
    """The object that was posted; None where it is none, or is not called JSON."""
    if not request.headers.get("content-type", "").startswith("application/json"):
        return None
    try:
        body = json.loads(request.body)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _keep(state: State, request: Request, kind: str, body: dict[str, Any]) -> None:
    state["messages"].append({"at": written(request.now), "kind": kind, "body": body})


__all__ = ["NAME", "ROUTES", "complete", "handle", "refuse"]
