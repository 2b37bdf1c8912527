"""Checks a world's firewall and its events, and fills in what Vercel would know of an entry, a rule or a draft."""

from datetime import datetime
from ipaddress import ip_network

from peakops.sandbox.refusals import listing, mapping, only, refuse
from peakops.sandbox.times import written
from peakops.sandbox.vendors.objects import Object, number, objects, once, one_of, text, texts, time
from peakops.sandbox.wire import State

PART = ("ips", "rules", "draft", "version", "updated_at", "enabled")
DRAFT = ("ips", "rules", "version", "updated_at", "author", "changes")
ENTRY = ("id", "ip", "hostname", "action", "notes")
ENTRY_ACTIONS = ("deny", "challenge", "log", "bypass")
RULE = ("id", "name", "active", "rate_limit", "action", "conditions", "duration")
RULE_ACTIONS = ("rate_limit", "log", "challenge", "deny", "bypass", "redirect")
RATE = ("limit", "window", "keys", "action")
EVENT = ("public_ip", "action", "action_type", "count", "host", "startTime", "endTime", "ruleId", "ruleName")
EVERYWHERE = [[{"type": "path", "op": "pre", "value": "/"}]]
"""Groups of conditions: all of one group must hold."""
MOST = 1e9


def firewall(given: object, now: datetime) -> State:
    """The project's firewall: what is in force, and a draft that somebody has not published, or none."""
    part = mapping(given, "vercel.firewall")
    only(part, PART, "vercel.firewall")
    active = {
        **contents(part, "vercel.firewall"),
        "version": int(number(part, "version", "vercel.firewall", 1, most=MOST)),
        "updated_at": written(time(part, "updated_at", now, "vercel.firewall", "-30d")),
        "enabled": part.get("enabled", True) is True,
    }
    return {**active, "draft": draft(part["draft"], active, now) if part.get("draft") is not None else None}


def contents(part: Object, place: str) -> State:
    """The blocked addresses and the rules."""
    ips = [entry(*each, number) for number, each in enumerate(objects(part.get("ips", []), ENTRY, f"{place}.ips"))]
    rules = [rule(*each, number) for number, each in enumerate(objects(part.get("rules", []), RULE, f"{place}.rules"))]
    once((each["id"] for each in (*ips, *rules)), place)
    return {"ips": ips, "rules": rules}


def draft(given: object, active: State, now: datetime) -> State:
    """A whole configuration beside the one in force; what it does not say is as in that one."""
    place = "vercel.firewall.draft"
    part = mapping(given, place)
    only(part, DRAFT, place)
    whole = {**{name: active[name] for name in ("ips", "rules")}, **part}
    return {
        **contents(whole, place),
        "version": int(number(part, "version", place, active["version"] + 1, most=MOST)),
        "updated_at": written(time(part, "updated_at", now, place)),
        "author": text(part, "author", place, ""),
        "changes": [mapping(each, f"{place}.changes") for each in listing(part.get("changes", []), f"{place}.changes")],
    }


def entry(given: Object, place: str, number: int) -> Object:
    """An address or network with what happens to its requests."""
    ip = text(given, "ip", place)
    if not is_network(ip):
        refuse(f"{place}.ip", f"{ip} is no address or network.")
    return {
        "id": text(given, "id", place, f"ip_{number + 1}"),
        "ip": ip,
        "hostname": text(given, "hostname", place, "*"),
        "action": one_of(given, "action", ENTRY_ACTIONS, place, "deny"),
        "notes": text(given, "notes", place, ""),
    }


def rule(given: Object, place: str, count: int) -> Object:
    """A custom rule; one with `rate_limit` counts by address and answers 429, unless it says otherwise."""
    rate = given.get("rate_limit")
    said = {} if rate is None else mapping(rate, f"{place}.rate_limit")
    only(said, RATE, f"{place}.rate_limit")
    return {
        "id": text(given, "id", place, f"rule_{count + 1}"),
        "name": text(given, "name", place),
        "active": given.get("active", True) is True,
        "action": one_of(given, "action", RULE_ACTIONS, place, "deny" if rate is None else "rate_limit"),
        "conditions": [
            [mapping(each, place) for each in listing(group, place)]
            for group in listing(given.get("conditions", EVERYWHERE), place)
        ],
        "duration": given.get("duration"),
        "rate_limit": rate
        and {
            "limit": int(number(said, "limit", place, 100, most=MOST)),
            "window": int(number(said, "window", place, 60, most=MOST)),
            "keys": texts(said.get("keys", ["ip"]), place),
            "action": one_of(said, "action", RULE_ACTIONS, place, "rate_limit"),
        },
    }


def events(given: object, now: datetime) -> list[Object]:
    """What the firewall did, by address and stretch of time; an event without an end still goes on."""
    return [event(*each, now) for each in objects(given, EVENT, "vercel.firewall_events")]


def event(given: Object, place: str, now: datetime) -> Object:
    """Requests of one address that were stopped or noted."""
    action = text(given, "action", place, "deny")
    return {
        "public_ip": text(given, "public_ip", place),
        "action": action,
        "action_type": text(given, "action_type", place, action),
        "count": int(number(given, "count", place, 1, most=MOST)),
        "host": text(given, "host", place, "portal.example"),
        "startTime": written(time(given, "startTime", now, place)),
        "endTime": written(time(given, "endTime", now, place)) if given.get("endTime") else None,
        "ruleId": given.get("ruleId"),
        "ruleName": given.get("ruleName"),
    }


def is_network(text: str) -> bool:
    """Whether it is an address, or a network without bits of a host."""
    try:
        ip_network(text)
    except ValueError:
        return False
    return True
