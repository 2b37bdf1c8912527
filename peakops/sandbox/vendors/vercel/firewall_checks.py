"""What Vercel's firewall takes: the body of a change, checked as the specification and Vercel's own command do."""

import json
from ipaddress import ip_network
from typing import Any, NoReturn

from peakops.sandbox.vendors.objects import Object
from peakops.sandbox.vendors.vercel.envelope import Refusal
from peakops.sandbox.vendors.vercel.firewall_completion import ENTRY_ACTIONS, RULE_ACTIONS, is_network
from peakops.sandbox.wire import Request

TAKES = {
    "ip.insert": ("value",),
    "ip.update": ("id", "value"),
    "ip.remove": ("id",),
    "rules.insert": ("value",),
    "rules.update": ("id", "value"),
    "rules.remove": ("id",),
}
"""The changes that the sandbox plays, and what the body of each must have."""
UNPLAYED = (
    *("firewallEnabled", "rules.priority", "crs.update", "crs.disable", "managedRules.update"),
    *("managedRuleGroup.update", "botId.toggle"),
)
ENTRY, ENTRY_NEEDS = ("hostname", "ip", "notes", "action"), ("hostname", "ip", "action")
RULE, RULE_NEEDS = ("name", "active", "conditionGroup", "action"), ("name", "active", "conditionGroup", "action")
MITIGATE = ("action", "rateLimit", "redirect", "actionDuration", "bypassSystem")
RATE, RATE_NEEDS = ("algo", "window", "limit", "keys", "action"), ("algo", "window", "limit", "keys")
PREFIXES = {4: (16, 32), 6: (48, 128)}
MOST_NOTES, MOST_NAME = 500, 160
WINDOWS, LIMITS = (10, 3600), (1, 10_000_000)
TYPES = {"hostname": str, "ip": str, "notes": str, "name": str, "active": bool, "conditionGroup": list, "action": str}


def change(request: Request) -> Object:
    """The change that a body asks for. Raises Refusal for one that Vercel would not take."""
    try:
        asked = json.loads(request.body)
    except ValueError as wrong:
        raise Refusal("bad_request", "Invalid JSON.") from wrong
    if not isinstance(asked, dict) or asked.get("action") not in (*TAKES, *UNPLAYED):
        invalid("`action` should be equal to one of the allowed values.")
    if asked["action"] in UNPLAYED:
        raise Refusal("not_implemented", "The sandbox does not play this change.", status=501)
    needs = TAKES[asked["action"]]
    fields(asked, "", ("action", "id", "value"), ("action", *needs))
    if "id" in needs and not isinstance(asked["id"], str):
        invalid("`id` should be string.")
    if "value" in needs:
        (entry if asked["action"].startswith("ip.") else rule)(asked["value"])
    return asked


def entry(value: Any) -> None:
    """Refuse what is no entry of an address."""
    fields(value, "value", ENTRY, ENTRY_NEEDS)
    if value["action"] not in ENTRY_ACTIONS:
        invalid("`value.action` should be equal to one of the allowed values.")
    if len(value.get("notes", "")) > MOST_NOTES:
        invalid(f"`value.notes` should NOT be longer than {MOST_NOTES} characters.")
    if not is_network(value["ip"]):
        invalid("`value.ip` should be an IP address or a CIDR.")
    network = ip_network(value["ip"])
    least, most = PREFIXES[network.version]
    if not least <= network.prefixlen <= most:
        invalid(f"`value.ip` should have a prefix from {least} to {most}.")


def rule(value: Any) -> None:
    """Refuse what is no custom rule."""
    fields(value, "value", RULE, RULE_NEEDS, besides=("action",))
    if len(value["name"]) > MOST_NAME:
        invalid(f"`value.name` should NOT be longer than {MOST_NAME} characters.")
    for number, group in enumerate(value["conditionGroup"]):
        fields(group, f"value.conditionGroup[{number}]", ("conditions",), ("conditions",), besides=("conditions",))
    fields(value["action"], "value.action", ("mitigate",), (), besides=("mitigate",))
    mitigate = value["action"].get("mitigate", {"action": "deny"})
    fields(mitigate, "value.action.mitigate", MITIGATE, ("action",), besides=MITIGATE)
    if mitigate["action"] not in RULE_ACTIONS:
        invalid("`value.action.mitigate.action` should be equal to one of the allowed values.")
    if mitigate.get("rateLimit") is not None:
        rate(mitigate["rateLimit"])
    elif mitigate["action"] == "rate_limit":
        invalid("`value.action.mitigate.rateLimit` is missing.")


def rate(value: Any) -> None:
    """Refuse what is no rate limit."""
    place = "value.action.mitigate.rateLimit"
    fields(value, place, RATE, RATE_NEEDS, besides=RATE)
    for name, (least, most) in (("window", WINDOWS), ("limit", LIMITS)):
        given = value[name]
        if isinstance(given, bool) or not isinstance(given, int | float) or not least <= given <= most:
            invalid(f"`{place}.{name}` should be a number from {least} to {most}.")


def fields(
    value: Any, place: str, known: tuple[str, ...], needed: tuple[str, ...], besides: tuple[str, ...] = ()
) -> None:
    """Refuse an object with a field that is missing, unknown or of another kind; `besides` are looked at elsewhere."""
    if not isinstance(value, dict):
        invalid(f"`{place}` should be object.")
    for name in needed:
        if name not in value:
            invalid(f"`{place}` should have required property `{name}`.".replace("`` ", ""))
    for name in value:
        if name not in known:
            invalid(f"`{place}` should NOT have additional property `{name}`.".replace("`` ", ""))
        if place and name in TYPES and name not in besides and not isinstance(value[name], TYPES[name]):
            invalid(f"`{place}.{name}` should be {TYPES[name].__name__}.")


def invalid(says: str) -> NoReturn:
    """Refuse a body as Vercel's validation does."""
    raise Refusal("bad_request", f"Invalid request: {says}")
