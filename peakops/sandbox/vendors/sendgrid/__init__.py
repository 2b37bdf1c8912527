"""SendGrid, as the sandbox plays it: mails that are sent and what became of them, lists of addresses, and the key."""

from functools import partial

from peakops.sandbox.state import Sandbox
from peakops.sandbox.vendors.routes import Route, find
from peakops.sandbox.vendors.sendgrid import allowlist, domains, figures, lists, log, sending
from peakops.sandbox.vendors.sendgrid.completion import complete
from peakops.sandbox.vendors.sendgrid.envelope import Refusal, headers, refuse
from peakops.sandbox.wire import Answer, Request, State

NAME = "sendgrid"
UNKNOWN_ROUTE = {"Sandbox-Unknown-Route": "1"}
LISTED = ("bounces", "blocks", "spam_reports", "invalid_emails")
"""The lists that are read and shortened by address below their own name; the one of unsubscribes is elsewhere."""

UNSUBSCRIBED = "/v3/asm/suppressions/global/{email}"
ALLOWLIST = "/v3/mail_settings/address_whitelist"
DOMAINS = "/v3/whitelabel/domains"
READ_DOMAINS = ("whitelabel.read",)


def scopes(state: State, _: Request) -> Answer:
    """GET /v3/scopes: told to every key."""
    return Answer(body={"scopes": state["scopes"]})


def may(verb: str, *names: str) -> tuple[str, ...]:
    """The scopes that let a key read or shorten a list: of it alone, or of all."""
    return (f"suppression.{verb}", *(f"{name}.{verb}" for name in names))


def routes_of(name: str) -> tuple[Route, ...]:
    """The routes of one list."""
    path, address = f"/v3/suppression/{name}", f"/v3/suppression/{name}/{{email}}"
    read, shorten = (may(verb, f"suppression.{name}") for verb in ("read", "delete"))
    return (
        Route("GET", path, partial(lists.page, name), scopes=read),
        Route("DELETE", path, partial(lists.remove_many, name), scopes=shorten),
        Route("GET", address, partial(lists.by_address, name), scopes=read),
        Route("DELETE", address, partial(lists.remove, name), scopes=shorten),
    )


GLOBALLY = ("suppression.unsubscribes", "asm.suppressions.global")
TABLE = (
    Route("POST", "/v3/mail/send", sending.send, scopes=("mail.send",)),
    Route("POST", "/v3/logs", log.search, scopes=("email_activity.read",)),
    Route("GET", "/v3/logs/{sg_message_id}", log.message, scopes=("email_activity.read",)),
    Route("GET", "/v3/scopes", scopes),
    Route(
        "GET",
        "/v3/suppression/bounces/classifications",
        lists.classifications,
        scopes=may("read", "suppression.bounces"),
    ),
    *(route for name in LISTED for route in routes_of(name)),
    Route("GET", "/v3/suppression/unsubscribes", partial(lists.page, "unsubscribes"), scopes=may("read", *GLOBALLY)),
    Route("GET", UNSUBSCRIBED, lists.unsubscribed, scopes=may("read", *GLOBALLY)),
    Route("DELETE", UNSUBSCRIBED, lists.subscribe, scopes=may("delete", *GLOBALLY)),
    Route("GET", "/v3/asm/suppressions/{email}", lists.groups, scopes=may("read", "asm.groups.suppressions")),
    Route("GET", ALLOWLIST, allowlist.read, scopes=("mail_settings.address_whitelist.read",)),
    Route("PATCH", ALLOWLIST, allowlist.write, scopes=("mail_settings.address_whitelist.update",)),
    Route("GET", "/v3/stats", figures.stats, scopes=("stats.read", "stats.global.read")),
    Route("GET", "/v3/user/credits", figures.credits_left, scopes=("user.credits.read",)),
    Route("GET", DOMAINS, domains.page, scopes=READ_DOMAINS),
    Route("GET", f"{DOMAINS}/{{domain_id}}", domains.one, scopes=READ_DOMAINS),
    Route("POST", f"{DOMAINS}/{{id}}/validate", domains.validate, scopes=("whitelabel.update", "whitelabel.create")),
)
ROUTES = tuple((route.method, route.template) for route in TABLE)


def handle(state: State, request: Request) -> Answer:
    """Answer as SendGrid would."""
    try:
        answer = answered(state, request)
    except Refusal as refusal:
        answer = Answer(status=refusal.status, body=refusal.body)
    return Answer(status=answer.status, body=answer.body, headers=headers(request.now) | dict(answer.headers))


def answered(state: State, request: Request) -> Answer:
    """The answer of the route, to who has the key and a scope that opens it."""
    if request.headers.get("authorization") != f"Bearer {Sandbox.sendgrid_key}":
        raise Refusal(401)
    found = find(TABLE, request)
    if found is None:
        return Answer(status=404, body=Refusal(404).body, headers=UNKNOWN_ROUTE)
    route, named = found
    if route.scopes and set(route.scopes).isdisjoint(state["scopes"]):
        raise Refusal(403)
    return route.act(state, request, **named)


__all__ = ["NAME", "ROUTES", "complete", "handle", "refuse"]
