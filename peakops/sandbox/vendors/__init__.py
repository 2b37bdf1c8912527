"""The vendors that the sandbox plays: which module plays which, and what a world may say about each."""

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import cast

from peakops.sandbox.wire import Vendor

MODULES = {
    name: f"peakops.sandbox.vendors.{name}"
    for name in ("stripe", "supabase", "salesforce", "ups", "sendgrid", "resend", "vercel", "portal", "pager", "status")
}
"""Every vendor that a world may name, and the module that plays it; one that is missing answers 404."""

RESOURCES: dict[str, frozenset[str]] = {
    "supabase": frozenset({"config", "logs", "logs_engine", "project"}),
    "salesforce": frozenset({"accounts", "cases", "limits", "describe", "users", "organization", "validation_rules"}),
    "ups": frozenset({"accounts", "products", "addresses", "shipments"}),
    "sendgrid": frozenset(
        {
            *("messages", "suppressions", "outcomes", "stats", "domains", "scopes", "credits"),
            *("allowlist", "allowlist_enabled"),
        }
    ),
    "resend": frozenset({"emails", "suppressions", "domains", "metrics", "key", "quota", "logs", "outcomes"}),
    "vercel": frozenset({"firewall", "deployments", "speed_insights", "firewall_events", "token", "plan"}),
    "portal": frozenset({"pages"}),
    "pager": frozenset({"hooks", "messages"}),
    "status": frozenset({"stripe", "supabase", "salesforce", "ups", "sendgrid", "resend", "vercel"}),
}
"""What a world may say of each vendor but Stripe, which has a list of its own kinds of object."""


@cache
def find(name: str) -> Vendor | None:
    """The module that plays the vendor, imported now; None if it is not written."""
    module = MODULES.get(name)
    spec = None if module is None else find_spec(module)
    if module is None or spec is None or spec.origin is None:
        return None
    return cast(Vendor, import_module(module))
