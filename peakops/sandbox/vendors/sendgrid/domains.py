"""The domains from which SendGrid sends: what their DNS records say, and a look at them again."""

from email.utils import parseaddr
from typing import Any

from peakops.sandbox.refusals import mapping, only, refuse
from peakops.sandbox.state import Sandbox
from peakops.sandbox.vendors.objects import Object, text
from peakops.sandbox.vendors.sendgrid import asked
from peakops.sandbox.vendors.sendgrid.envelope import Refusal
from peakops.sandbox.wire import Answer, Request, State

DOMAIN = ("id", "domain", "subdomain", "valid", "dns", "last_validation_attempt_at")
RECORDS = {
    "mail_cname": ("em1234.{domain}", "u1234567.wl.sendgrid.net"),
    "dkim1": ("s1._domainkey.{domain}", "s1.domainkey.u1234567.wl.sendgrid.net"),
    "dkim2": ("s2._domainkey.{domain}", "s2.domainkey.u1234567.wl.sendgrid.net"),
}
"""The records of a domain with automatic security: their hosts, and what they point to."""

RECORD = ("valid", "type", "host", "data", "reason", "published")
"""`reason` is why one is not valid; `published` is whether the DNS has it by now, which the next look finds."""

PRIVATE = ("reason", "published")
ACCOUNT: Object = {
    "user_id": 1234567,
    "username": "sandbox",
    "ips": [],
    "custom_spf": False,
    "default": True,
    "legacy": False,
    "automatic_security": True,
}
"""What all domains of the sandbox's account have in common."""

FIRST_ID = 1001
MOST = 1 << 20


def usual() -> list[Object]:
    """The domains where a world says none: that of the portal's sender, in good order."""
    return [{"domain": parseaddr(Sandbox.email_from)[1].partition("@")[2]}]


def domain(given: Object, place: str, number: int) -> Object:
    """A domain with its records; it is valid if all of them are, unless the world says otherwise."""
    name = text(given, "domain", place)
    said = mapping(given.get("dns") or {}, f"{place}.dns")
    only(said, RECORDS, f"{place}.dns", "record")
    valid = flag(given, "valid", place, True)
    records = {
        each: record(each, said.get(each, {}), name, f"{place}.dns.{each}", valid or bool(said)) for each in RECORDS
    }
    return {
        "id": given.get("id", FIRST_ID + number),
        "domain": name,
        "subdomain": text(given, "subdomain", place, "em1234"),
        "valid": flag(given, "valid", place, all(each["valid"] for each in records.values())),
        "dns": records,
        **{name: given[name] for name in ("last_validation_attempt_at",) if name in given},
    }


def flag(given: Object, key: str, place: str, default: bool) -> bool:
    """Whether something is so; null is as if it were not there."""
    value = default if given.get(key) is None else given[key]
    return value if isinstance(value, bool) else refuse(f"{place}.{key}", "must be true or false.")


def record(name: str, value: Any, domain: str, place: str, valid: bool) -> Object:
    """One record of a domain."""
    given = mapping(value, place)
    only(given, RECORD, place)
    flag(given, "published", place, flag(given, "valid", place, valid))
    host, data = RECORDS[name]
    found = {"valid": valid, "type": "cname", "host": host.format(domain=domain), "data": data, **given}
    return {
        "reason": None if found["valid"] else f'Expected CNAME for "{found["host"]}"',
        "published": found["valid"],
        **found,
    }


def verified(state: State, sender: str) -> bool:
    """Whether an address is of a domain that is in good order, or below one."""
    host = sender.rpartition("@")[2].casefold()
    known = [each["domain"].casefold() for each in state["domains"] if each["valid"]]
    return any(host == each or host.endswith(f".{each}") for each in known)


def page(state: State, request: Request) -> Answer:
    """GET /v3/whitelabel/domains."""
    offset = asked.whole(request, "offset", 0, most=MOST)
    limit = asked.whole(request, "limit", 50, least=1, most=MOST)
    wanted = dict(request.query).get("domain", "")
    found = [each for each in state["domains"] if wanted in each["domain"]]
    return Answer(body=[shown(each) for each in found[offset : offset + limit]])


def one(state: State, _: Request, *, domain_id: str) -> Answer:
    """GET /v3/whitelabel/domains/{domain_id}."""
    return Answer(body=shown(known(state, domain_id)))


def validate(state: State, request: Request, *, id: str) -> Answer:
    """POST /v3/whitelabel/domains/{id}/validate: look at the records again."""
    found = known(state, id)
    for each in found["dns"].values():
        each["valid"] = each["published"]
        each["reason"] = None if each["valid"] else each["reason"]
    found["valid"] = all(each["valid"] for each in found["dns"].values())
    found["last_validation_attempt_at"] = int(request.now.timestamp())
    results = {name: {"valid": each["valid"], "reason": each["reason"]} for name, each in found["dns"].items()}
    return Answer(body={"id": found["id"], "valid": found["valid"], "validation_results": results})


def known(state: State, identifier: str) -> Object:
    """The domain with this id. Raises Refusal."""
    found: list[Object] = state["domains"]
    for each in found:
        if str(each["id"]) == identifier:
            return each
    raise Refusal(404)


def shown(each: Object) -> Object:
    """A domain as SendGrid shows it."""
    records = {
        name: {key: value for key, value in entry.items() if key not in PRIVATE} for name, entry in each["dns"].items()
    }
    return {**ACCOUNT, **each, "dns": records}
