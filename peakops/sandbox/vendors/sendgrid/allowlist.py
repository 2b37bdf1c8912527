"""SendGrid's allowlist of addresses and domains to which it always sends; a change of the list replaces all of it."""

from peakops.sandbox.vendors.sendgrid import asked
from peakops.sandbox.vendors.sendgrid.envelope import Refusal
from peakops.sandbox.wire import Answer, Request, State


def read(state: State, _: Request) -> Answer:
    """GET /v3/mail_settings/address_whitelist."""
    return Answer(body={"enabled": state["allowlist_enabled"], "list": state["allowlist"]})


def write(state: State, request: Request) -> Answer:
    """PATCH /v3/mail_settings/address_whitelist: what is not sent stays; the list that is sent is the list."""
    given = asked.document(request)
    enabled, entries = given.get("enabled", state["allowlist_enabled"]), given.get("list", state["allowlist"])
    if not isinstance(enabled, bool):
        raise Refusal(400, "enabled must be a boolean", "enabled")
    if not isinstance(entries, list) or not all(isinstance(each, str) and each for each in entries):
        raise Refusal(400, "list must be an array of strings", "list")
    state["allowlist_enabled"], state["allowlist"] = enabled, list(dict.fromkeys(entries))
    return read(state, request)
