"""Reads what a request to UPS says: the JSON that it carries, a part of it by its path, and a list that may be one."""

import json
from typing import Any

from peakops.sandbox.vendors.objects import Object
from peakops.sandbox.vendors.ups.envelope import Refusal
from peakops.sandbox.wire import Request


def asked(request: Request, wrapper: str) -> Object:
    """The object that the body wraps under a name. Raises Refusal."""
    try:
        found = json.loads(request.body)
    except ValueError as wrong:
        raise Refusal("10001") from wrong
    inner = found.get(wrapper) if isinstance(found, dict) else None
    if not isinstance(inner, dict):
        raise Refusal("10002")
    return inner


def part(given: Object, *path: str) -> Object:
    """The object at a path; an empty one where there is none."""
    found: Any = given
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def text(given: Object, *path: str) -> str:
    """The text at a path, without the spaces around it; empty where there is none."""
    found = part(given, *path[:-1]).get(path[-1])
    return found.strip() if isinstance(found, str) else ""


def many(value: Any) -> list[Any]:
    """A list; UPS takes one object for a list of one, as its older XML did."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def objects(given: Object, name: str) -> list[Object]:
    """The objects of a list. Raises Refusal if something else is among them."""
    found = many(given.get(name))
    if not all(isinstance(each, dict) for each in found):
        raise Refusal("10002")
    return found


def lines(given: Object, name: str = "AddressLine") -> list[str]:
    """The lines of an address. Raises Refusal if one is no text."""
    found = many(given.get(name))
    if not all(isinstance(each, str) for each in found):
        raise Refusal("10002")
    return [each.strip() for each in found if each.strip()]


def answered(given: Object) -> Object:
    """The head of an answer that is a success, with the caller's own context given back."""
    context = part(given, "Request", "TransactionReference")
    head: Object = {"ResponseStatus": {"Code": "1", "Description": "Success"}}
    return {**head, "TransactionReference": dict(context)} if context else head
