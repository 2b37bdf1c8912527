"""The domains from which Resend sends: the state of their DNS records, and a look at them again."""

from peakops.sandbox.vendors.objects import Object
from peakops.sandbox.vendors.resend.envelope import Refusal
from peakops.sandbox.vendors.resend.pages import page
from peakops.sandbox.wire import Answer, Request, State

COMMON: Object = {
    "open_tracking": False,
    "click_tracking": False,
    "capabilities": {"sending": "enabled", "receiving": "disabled"},
}
"""What all domains of the sandbox have in common."""

PRIVATE = "published"
"""Whether the DNS has a record by now, which the next look finds: known to the world, and not told."""


def every(state: State, request: Request) -> Answer:
    """GET /domains: without their records."""
    return page([{**COMMON, **each} for each in state["domains"]], request, ("records",))


def one(state: State, _: Request, *, domain_id: str) -> Answer:
    """GET /domains/{domain_id}: with them."""
    found = require(state, domain_id)
    records = [{key: value for key, value in each.items() if key != PRIVATE} for each in found["records"]]
    return Answer(body={"object": "domain", **COMMON, **found, "records": records})


def verify(state: State, _: Request, *, domain_id: str) -> Answer:
    """POST /domains/{domain_id}/verify: the records that are published are verified; for others it waits."""
    found = require(state, domain_id)
    for each in found["records"]:
        each["status"] = "verified" if each[PRIVATE] else "pending"
    found["status"] = "verified" if all(each[PRIVATE] for each in found["records"]) else "pending"
    return Answer(body={"object": "domain", "id": found["id"]})


def require(state: State, identifier: str) -> Object:
    """The domain with this id. Raises Refusal."""
    domains: list[Object] = state["domains"]
    for each in domains:
        if each["id"] == identifier:
            return each
    raise Refusal("not_found", "Domain not found")


def require_verified(state: State, host: str) -> None:
    """Refuse to send from a domain that is not in good order."""
    if host not in {each["name"].casefold() for each in state["domains"] if each["status"] == "verified"}:
        says = f"The {host} domain is not verified. Please, add and verify your domain on https://resend.com/domains"
        raise Refusal("validation_error", says, 403)
