"""Vercel's firewall of the portal's project: what is in force, a draft beside it, changes of both, and its events."""

import hashlib
from typing import Any

from peakops.sandbox.state import Sandbox
from peakops.sandbox.times import written
from peakops.sandbox.vendors.objects import Object
from peakops.sandbox.vendors.vercel import firewall_checks
from peakops.sandbox.vendors.vercel.access import PROJECT_NAME, in_team, milliseconds
from peakops.sandbox.vendors.vercel.deployments import whole
from peakops.sandbox.vendors.vercel.envelope import Refusal
from peakops.sandbox.wire import Answer, Request, State

RULESETS = ("sd", "ma", "lfi", "rfi", "rce", "php", "gen", "xss", "sqli", "sf", "java")
OURS = "peakops"
"""Who changes a draft with the sandbox's token."""


def config(state: State, request: Request) -> Answer:
    """GET /v1/security/firewall/config: what is in force, and the draft; null each where there is none."""
    require_project(request)
    held = state["firewall"]
    active = shown(held, "active") if held else None
    draft = shown(held["draft"], "draft") if held and held["draft"] else None
    return Answer(body={"active": active, "draft": draft, "versions": []})


def version(state: State, request: Request, *, version: str) -> Answer:
    """GET …/config/{configVersion}: one of the two by its name, or by its number."""
    require_project(request)
    return Answer(body=shown(*held(state, version)))


def held(state: State, wanted: str) -> tuple[State, str]:
    """A configuration by its name or number, with its name. Raises Refusal where there is none."""
    active = state["firewall"]
    known = {"active": active, "draft": active["draft"] if active else None}
    for name, each in known.items():
        if each and wanted in (name, str(each["version"])):
            return each, name
    raise Refusal("not_found", "Config version not found.")


def change(state: State, request: Request) -> Answer:
    """PATCH …/config: a change that is in force at once; a draft beside it is not touched, and does not have it."""
    require_project(request)
    asked = firewall_checks.change(request)
    if not state["firewall"]:
        state["firewall"] = {"ips": [], "rules": [], "draft": None, "version": 0, "enabled": True}
    carry_out(state["firewall"], asked, request)
    return Answer(body=shown(state["firewall"], "active"))


def change_draft(state: State, request: Request) -> Answer:
    """PATCH …/config/draft: a change that is in force once the draft is published; the first one begins it."""
    require_project(request)
    asked = firewall_checks.change(request)
    active = state["firewall"] or {"ips": [], "rules": [], "version": 0}
    state["firewall"] = state["firewall"] or {
        **active,
        "draft": None,
        "enabled": True,
        "updated_at": written(request.now),
    }
    if not state["firewall"]["draft"]:
        copied = {name: [dict(each) for each in active[name]] for name in ("ips", "rules")}
        state["firewall"]["draft"] = {**copied, "version": active["version"], "author": OURS, "changes": []}
    draft = state["firewall"]["draft"]
    carry_out(draft, asked, request)
    draft["changes"] = [*draft["changes"], {key: asked[key] for key in ("action", "id", "value") if key in asked}]
    return Answer(body=shown(draft, "draft"))


def activate(state: State, request: Request, *, version: str) -> Answer:
    """POST …/config/{configVersion}/activate: the whole draft is in force, and what was changed beside it is gone."""
    require_project(request)
    draft, name = held(state, version)
    if name != "draft":
        raise Refusal("bad_request", "Invalid request: only a draft can be activated.")
    kept = {each: draft[each] for each in ("ips", "rules")}
    active = state["firewall"]
    active |= {**kept, "draft": None, "version": active["version"] + 1, "updated_at": written(request.now)}
    return Answer(body=shown(active, "active"))


def discard(state: State, request: Request, *, version: str) -> Answer:
    """DELETE …/config/{configVersion}: throws the draft away."""
    require_project(request)
    if held(state, version)[1] != "draft":
        raise Refusal("bad_request", "Invalid request: only a draft can be deleted.")
    state["firewall"]["draft"] = None
    return Answer(body={})


def carry_out(part: State, asked: Object, request: Request) -> None:
    """Change a configuration. Raises Refusal for an id that it does not have."""
    kind, _, verb = asked["action"].partition(".")
    name = "ips" if kind == "ip" else "rules"
    made = {"ip": entry, "rules": rule}[kind]
    if verb == "insert":
        seed = f"{asked} {part['version']} {request.now.isoformat()}"
        part[name] = [*part[name], made(asked["value"], f"{kind}_{hashlib.sha256(seed.encode()).hexdigest()[:12]}")]
    else:
        if all(each["id"] != asked["id"] for each in part[name]):
            raise Refusal("not_found", f"No such {kind}: {asked['id']}.")
        instead = [made(asked["value"], asked["id"])] if verb == "update" else []
        part[name] = [new for each in part[name] for new in (instead if each["id"] == asked["id"] else [each])]
    part["version"] += 1
    part["updated_at"] = written(request.now)


def entry(value: Object, id: str) -> Object:
    """An entry as the state holds it."""
    return {"id": id, "notes": "", **value}


def rule(value: Object, id: str) -> Object:
    """A rule as the state holds it."""
    mitigate = value["action"].get("mitigate", {"action": "deny"})
    rate = mitigate.get("rateLimit")
    return {
        "id": id,
        "name": value["name"],
        "active": value["active"],
        "action": mitigate["action"],
        "conditions": [group["conditions"] for group in value["conditionGroup"]],
        "duration": mitigate.get("actionDuration"),
        "rate_limit": rate and {name: rate.get(name) for name in ("limit", "window", "keys", "action")},
    }


def shown(part: State, name: str) -> Object:
    """A configuration as Vercel shows it. Who made a draft is told by its changes alone, as far as it is told."""
    by = {"username": part["author"]} if name == "draft" and part["author"] else {}
    return {
        "ownerId": Sandbox.vercel_team,
        "projectKey": Sandbox.vercel_project,
        "id": f"waf_{part['version']}",
        "version": part["version"],
        "updatedAt": part["updated_at"],
        "firewallEnabled": part.get("enabled", True),
        "crs": {each: {"active": False, "action": "log"} for each in RULESETS},
        "rules": [rule_shown(each) for each in part["rules"]],
        "ips": part["ips"],
        "changes": [{**by, **each} for each in part.get("changes", [])],
    }


def rule_shown(each: Object) -> Object:
    """A rule as Vercel shows it."""
    rate = each["rate_limit"]
    mitigate: dict[str, Any] = {
        "action": each["action"],
        "rateLimit": rate and {"algo": "fixed_window", **rate},
        "redirect": None,
        "actionDuration": each["duration"],
    }
    return {
        "id": each["id"],
        "name": each["name"],
        "description": "",
        "active": each["active"],
        "conditionGroup": [{"conditions": group} for group in each["conditions"]],
        "action": {"mitigate": mitigate},
    }


def events(state: State, request: Request) -> Answer:
    """GET …/events: what the firewall stopped or noted in a time, by address; what it let through is not told."""
    require_project(request)
    query = dict(request.query)
    until = whole(query, "endTimestamp", int(request.now.timestamp() * 1000))
    since = whole(query, "startTimestamp", 0)
    hosts = [each for each in query.get("hosts", "").split(",") if each]
    found = [
        {
            **each,
            "endTime": each["endTime"] or written(request.now),
            "isActive": each["endTime"] is None,
        }
        for each in state["firewall_events"]
        if since <= milliseconds(each["startTime"]) <= until and (not hosts or each["host"] in hosts)
    ]
    return Answer(body={"actions": found})


def require_project(request: Request) -> None:
    """Refuse a call that is not in the team's name, or of another project."""
    project = dict(request.query).get("projectId")
    if project is None:
        firewall_checks.invalid("should have required property `projectId`.")
    if not in_team(request):
        raise Refusal("forbidden")
    if project not in (Sandbox.vercel_project, PROJECT_NAME):
        raise Refusal("not_found", "Project not found.")
