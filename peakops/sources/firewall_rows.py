"""A configuration of Vercel's firewall as rows of chosen fields, and which networks are our own."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peakops.networks import touches
from peakops.settings import Settings

Row = dict[str, Any]
SESSION = "SSH_CONNECTION"
"""What sshd tells a session of its two ends: who works here is at the first of the addresses."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """What is in force, and whether a draft waits."""

    entries: tuple[Row, ...]
    rules: tuple[Row, ...]
    draft: Row | None
    whole: Mapping[str, Mapping[str, Any]]
    """Each rule as Vercel has it, by its id: what an update must say again."""


def config(body: Mapping[str, Any]) -> Config:
    """
    An answer with `active` and `draft`, either of which may be null.

    Raises KeyError, TypeError or ValueError for what is none.
    """
    active, draft = body["active"] or {"ips": [], "rules": []}, body["draft"]
    return Config(
        entries=tuple(_entry(each) for each in active["ips"]),
        rules=tuple(_rule(each) for each in active["rules"]),
        draft=_draft(draft) if draft else None,
        whole={str(each["id"]): each for each in active["rules"]},
    )


def _entry(found: Mapping[str, Any]) -> Row:
    fields = {name: str(found[name]) for name in ("id", "ip", "hostname", "action")}
    return {**fields, "notes": str(found.get("notes") or "")}


def _rule(found: Mapping[str, Any]) -> Row:
    mitigate = found["action"].get("mitigate") or {}
    rate = mitigate.get("rateLimit") or {}
    return {
        "id": str(found["id"]),
        "name": str(found["name"]),
        "active": found["active"] is True,
        "limit": _whole(rate.get("limit")),
        "window_s": _whole(rate.get("window")),
        "action": mitigate.get("action"),
    }


def gone(id: str) -> Row:
    """A rule of which there is its id alone."""
    nothing = dict.fromkeys(("limit", "window_s", "action"))
    return {"id": id, "name": id, "active": False, **nothing, "gone": True}


def _draft(found: Mapping[str, Any]) -> Row:
    changes = found["changes"]
    named = (each.get("username") or each.get("userId") for each in changes if isinstance(each, Mapping))
    return {
        "version": int(found["version"]),
        "updated_at": datetime.fromisoformat(found["updatedAt"]),
        "author": next((str(each) for each in reversed([*named]) if each), None),
        "changes": len(changes),
    }


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)


def ours(network: str, settings: Settings) -> list[Row]:
    """Which of our own networks a network touches: those of PEAKOPS_OWN_NETWORKS, and from where we work just now."""
    named = [(each, "PEAKOPS_OWN_NETWORKS") for each in settings.own_networks]
    ends = os.environ.get(SESSION, "").split()
    named += [(each, f"this session ({SESSION})") for each in ends[:1]]
    return [{"network": each, "what": what} for each, what in named if touches(network, each)]
