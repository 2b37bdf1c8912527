"""Checks a world's `vercel` part, and fills in what Vercel would know."""

import hashlib
from datetime import datetime

from peakops.sandbox.refusals import mapping, only, refuse
from peakops.sandbox.times import written
from peakops.sandbox.vendors import RESOURCES
from peakops.sandbox.vendors.objects import Object, number, objects, once, one_of, text, time
from peakops.sandbox.vendors.vercel import firewall_completion as firewall
from peakops.sandbox.wire import State

DEPLOYMENT = ("uid", "state", "created", "meta", "target", "url", "error_code")
TARGETS = ("production", "staging", "preview")
FIGURE = ("route", "metric", "p75", "count")
METRICS = ("lcp_ms", "inp_ms", "cls", "fcp_ms", "ttfb_ms")
TOKEN = ("name", "scope", "expires_at")
SCOPES = ("team", "user", "project")
PLANS = ("pro", "hobby", "plus")
"""The team's plan: hobby keeps seven days of figures, plus is pro with Observability Plus."""
MOST = 1e12


def complete(part: State, now: datetime) -> State:
    """The world's part, checked, with absolute times and Vercel's defaults; deployments are kept newest first."""
    only(part, RESOURCES["vercel"], "vercel", "resource")
    given = enumerate(objects(part.get("deployments", []), DEPLOYMENT, "vercel.deployments"))
    deployments = [deployment(*each, number, now) for number, each in given]
    once((each["uid"] for each in deployments), "vercel.deployments")
    figures = [figure(*each) for each in objects(part.get("speed_insights", []), FIGURE, "vercel.speed_insights")]
    return {
        "firewall": firewall.firewall(part["firewall"], now) if part.get("firewall") is not None else None,
        "firewall_events": firewall.events(part.get("firewall_events", []), now),
        "deployments": sorted(deployments, key=lambda each: str(each["created"]), reverse=True),
        "speed_insights": figures,
        "token": token(mapping(part.get("token", {}), "vercel.token"), now),
        "plan": one_of(part, "plan", PLANS, "vercel", PLANS[0]),
    }


def deployment(given: Object, place: str, number: int, now: datetime) -> Object:
    """A deployment of the portal's one project; its state may be one that no list of Vercel's has."""
    uid = text(given, "uid", place, f"dpl_{drawn(f'deployment {number}')[:28]}")
    meta = mapping(given.get("meta", {}), f"{place}.meta")
    if not all(isinstance(each, str) for each in meta.values()):
        refuse(f"{place}.meta", "must hold strings.")
    return {
        "uid": uid,
        "state": text(given, "state", place, "READY"),
        "created": written(time(given, "created", now, place)),
        "target": one_of(given, "target", TARGETS, place, TARGETS[0]),
        "url": text(given, "url", place, f"portal-{drawn(uid)[:9]}.vercel.app"),
        "error_code": given.get("error_code"),
        "meta": meta,
    }


def figure(given: Object, place: str) -> Object:
    """What visitors measured of one route: one metric."""
    if not given.get("metric"):
        refuse(f"{place}.metric", "is missing.")
    return {
        "route": text(given, "route", place),
        "metric": one_of(given, "metric", METRICS, place, ""),
        "p75": number(given, "p75", place, 0, most=MOST),
        "count": int(number(given, "count", place, 100, most=MOST)),
    }


def token(given: Object, now: datetime) -> Object:
    """Whose the token is, and when it ends: None for never."""
    only(given, TOKEN, "vercel.token")
    ends = time(given, "expires_at", now, "vercel.token") if given.get("expires_at") else None
    return {
        "name": text(given, "name", "vercel.token", "peakops"),
        "scope": one_of(given, "scope", SCOPES, "vercel.token", SCOPES[0]),
        "expires_at": written(ends) if ends else None,
    }


def drawn(seed: str) -> str:
    """Letters and digits that are the same for the same seed."""
    return hashlib.sha256(seed.encode()).hexdigest()
