"""Supabase Auth, as the sandbox plays it over the world's own auth tables, with its silences and its limits."""

import re
from collections.abc import Callable

from peakops.sandbox.vendors.supabase import admin, deletion, links, logs, mailing
from peakops.sandbox.vendors.supabase.asked import Asked, body_of
from peakops.sandbox.vendors.supabase.completion import complete
from peakops.sandbox.vendors.supabase.config import config_of
from peakops.sandbox.vendors.supabase.envelope import Refusal, Turned, headers, refuse, wants_newer
from peakops.sandbox.vendors.supabase.keys import require_admin, require_key, require_token
from peakops.sandbox.wire import Answer, Request, State

NAME = "supabase"

HEALTH = ("GET", "/auth/v1/health")
SETTINGS = ("GET", "/auth/v1/settings")
CONFIG = ("GET", "/v1/projects/{id}/config/auth")
PUBLIC: dict[tuple[str, str], Callable[..., Answer]] = {
    ("POST", "/auth/v1/recover"): mailing.recover,
    ("POST", "/auth/v1/resend"): mailing.resend,
}
ADMIN: dict[tuple[str, str], Callable[..., Answer]] = {
    ("POST", "/auth/v1/invite"): mailing.invite,
    ("POST", "/auth/v1/admin/generate_link"): links.generate,
    ("GET", "/auth/v1/admin/users"): admin.list_users,
    ("GET", "/auth/v1/admin/users/{id}"): admin.get_user,
    ("PUT", "/auth/v1/admin/users/{id}"): admin.update_user,
    ("DELETE", "/auth/v1/admin/users/{id}"): deletion.delete_user,
    ("GET", "/auth/v1/admin/users/{id}/factors"): admin.list_factors,
    ("DELETE", "/auth/v1/admin/users/{id}/factors/{id}"): admin.delete_factor,
}
ROUTES: tuple[tuple[str, str], ...] = (HEALTH, SETTINGS, CONFIG, logs.PROJECT, *logs.LOGS, *PUBLIC, *ADMIN)

WITH_BODY = ("POST", "PUT")
UNKNOWN_ROUTE = {"Sandbox-Unknown-Route": "1", "Content-Type": "text/plain; charset=utf-8"}

PATIENCE_MS = 300
"""How long a statement waits for a lock; other vendors' requests wait with it, and a slow world never gives one."""


def handle(state: State, request: Request) -> Answer:
    """Answer as Supabase would: the gateway first, then Auth."""
    newer = wants_newer(request)
    try:
        answer = answered(state, request)
    except Turned as turned:
        return turned.answer()
    except Refusal as refusal:
        return refusal.answer(newer)
    return Answer(status=answer.status, body=answer.body, headers=headers(newer) | dict(answer.headers))


def answered(state: State, request: Request) -> Answer:
    """The answer of the route; one that Auth does not know is a line of text, and 404."""
    route, ids = route_of(request)
    if route is None:
        return Answer(status=404, body=b"404 page not found\n", headers=UNKNOWN_ROUTE)
    if route[1].startswith("/v1/"):
        require_token(request)
        return managed(state, request, route)
    require_key(request)
    if route == HEALTH:
        return Answer(body=HEALTHY)
    if route == SETTINGS:
        return Answer(body=settings(state))
    if route in ADMIN:
        require_admin(request)
    body = body_of(request) if request.method in WITH_BODY or request.body else {}
    return acted(state, request, body, {**PUBLIC, **ADMIN}[route], ids)


def managed(state: State, request: Request, route: tuple[str, str]) -> Answer:
    """What the Management API says of the project: its configuration, itself, or its logs."""
    if route == CONFIG:
        return Answer(body=config_of(state))
    return logs.project(state) if route == logs.PROJECT else logs.logs(state, request, logs.LOGS[route])


def route_of(request: Request) -> tuple[tuple[str, str] | None, tuple[str, ...]]:
    """The route of a request, and the ids in its path."""
    for method, template in ROUTES:
        match = re.fullmatch(template.replace("{id}", "([^/]+)"), request.path)
        if match is not None and method == request.method:
            return (method, template), match.groups()
    return None, ()


def acted(
    state: State, request: Request, body: dict[str, object], act: Callable[..., Answer], ids: tuple[str, ...]
) -> Answer:
    """Do it in one transaction, which a refusal undoes; without its database Auth answers 500, or 504 in time."""
    import psycopg

    if request.database is None:
        raise Refusal(500, "unexpected_failure")
    try:
        with request.database() as connection, connection.transaction():
            connection.execute(
                f"set local lock_timeout = {PATIENCE_MS}; set local statement_timeout = {PATIENCE_MS * 5}"
            )
            return act(Asked(state, request, connection, body), *ids)
    except (psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled) as error:
        raise Refusal(504, "request_timeout") from error
    except psycopg.Error as error:
        raise Refusal(500, "unexpected_failure") from error


HEALTHY = {
    "version": "v2.196.0",
    "name": "GoTrue",
    "description": "GoTrue is a user registration and authentication API",
}


def settings(state: State) -> dict[str, object]:
    """What Auth tells everybody of its settings."""
    config = config_of(state)
    providers = re.compile("external_(.+)_enabled")
    return {
        "external": {found[1]: bool(on) for name, on in config.items() if (found := providers.fullmatch(name))},
        "disable_signup": config["disable_signup"],
        "mailer_autoconfirm": config["mailer_autoconfirm"],
        "phone_autoconfirm": config["sms_autoconfirm"],
        "sms_provider": config["sms_provider"] or "",
        "saml_enabled": config["saml_enabled"],
    }


__all__ = ["NAME", "ROUTES", "complete", "handle", "refuse"]
