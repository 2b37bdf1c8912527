"""What goes wrong at a vendor, as a world declares it: checked on load, matched on each request, counted down."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from peakops.sandbox.refusals import only, refuse, unknown
from peakops.sandbox.wire import Vendor

KEYS = ("vendor", "route", "status", "error", "retry_after", "delay_s", "body", "reset", "after_effect", "times")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
DROP = "drop_connection"
LONGEST_DELAY_S = 3600
"""Longer than any time limit of a client; a handler's thread sleeps that long."""


@dataclass
class Fault:
    """One fault; `times` is how often it still strikes, None for always."""

    entry: dict[str, Any]
    """As the world declares it."""
    times: int | None

    @property
    def vendor(self) -> str:
        """The vendor that it strikes."""
        return str(self.entry["vendor"])

    def strikes(self, vendor: str, method: str, path: str) -> bool:
        """Whether it applies to this request."""
        if vendor != self.vendor or self.times == 0:
            return False
        route = self.entry["route"]
        wanted, _, glob = route.partition(" ")
        return route == "*" or (method == wanted and fnmatchcase(path, glob))

    def count(self) -> None:
        """Note that it has struck once."""
        if self.times is not None:
            self.times -= 1

    def written(self) -> dict[str, Any]:
        """As a world declares it, with what is left of `times`."""
        return {**self.entry, "times": self.times} if self.times is not None else dict(self.entry)


def find(faults: Iterable[Fault], vendor: str, method: str, path: str) -> Fault | None:
    """The first fault, in the order of the world, that applies to this request."""
    return next((fault for fault in faults if fault.strikes(vendor, method, path)), None)


def check(entry: dict[str, Any], place: str, vendor: Vendor | None) -> Fault:
    """A vendor's fault, checked against the vendor's routes. Raises BadInput with the place."""
    only(entry, KEYS, place, "fault key")
    check_values(entry, place)
    check_effects(entry, place)
    route = entry.get("route")
    if not isinstance(route, str):
        refuse(f"{place}.route", "must be a method and a glob (GET /v1/charges/*), or *.")
    check_route(route, f"{place}.route", vendor)
    return Fault(entry, entry.get("times"))


def check_values(entry: dict[str, Any], place: str) -> None:
    """Each key's own type and range."""
    tests: dict[str, tuple[str, Callable[[Any], bool]]] = {
        "status": ("a number from 200 to 599", lambda v: whole(v) and 200 <= v <= 599),
        "error": ("a string", lambda v: isinstance(v, str)),
        "body": ("a string", lambda v: isinstance(v, str)),
        "retry_after": ("a number of seconds", lambda v: number(v) and v >= 0),
        "delay_s": (f"a number of seconds up to {LONGEST_DELAY_S}", lambda v: number(v) and 0 <= v <= LONGEST_DELAY_S),
        "reset": ("true", lambda v: v is True),
        "after_effect": (DROP, lambda v: v == DROP),
        "times": ("a whole number, 0 or more", lambda v: whole(v) and v >= 0),
    }
    for key, (wanted, fits) in tests.items():
        if key in entry and not fits(entry[key]):
            refuse(f"{place}.{key}", f"must be {wanted}.")


def check_effects(entry: dict[str, Any], place: str) -> None:
    """That it does something, and one thing."""
    exclusive: tuple[str, ...] = ("error", "body", "reset", "after_effect")
    answers = [key for key in exclusive if key in entry]
    if "status" in entry and "body" not in entry and "error" not in entry:
        answers.append("status")
    if len(answers) > 1 or ("status" in entry and answers[0] in ("reset", "after_effect")):
        refuse(place, f"{' and '.join(answers if len(answers) > 1 else ['status', *answers])} exclude each other.")
    if not answers and "delay_s" not in entry:
        refuse(place, "does nothing; give it status, error, body, delay_s, reset or after_effect.")
    if "retry_after" in entry and not {"status", "error"} & set(answers):
        refuse(f"{place}.retry_after", "needs a status or an error.")


def whole(value: object) -> bool:
    """Whether it is a whole number; true is none."""
    return isinstance(value, int) and not isinstance(value, bool)


def number(value: object) -> bool:
    """Whether it is a number; true is none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def check_route(route: str, place: str, vendor: Vendor | None) -> None:
    """That the route can match a request that the vendor knows."""
    if route == "*":
        return
    method, _, glob = route.partition(" ")
    if method not in METHODS or not glob.startswith("/"):
        refuse(place, f"{route!r} is no route; write a method and a glob (GET /v1/charges/*), or *.")
    if vendor is None:
        return
    if not any(method == known and meets(glob, template) for known, template in vendor.ROUTES):
        names = [f"{known} {template}" for known, template in vendor.ROUTES]
        unknown(place, f"route of {vendor.NAME}: {route}", route, names)


def known(vendor: Vendor, method: str, path: str) -> bool:
    """Whether the vendor has a route for this request."""
    return any(method == wanted and meets(path, template, plain=True) for wanted, template in vendor.ROUTES)


@cache
def meets(glob: str, template: str, *, plain: bool = False) -> bool:
    """Whether some path fits both a glob and a route's template; `plain` takes the first for a path, not a glob."""
    wanted = tuple(glob)
    given = template_tokens(template)

    @cache
    def fits(left: int, right: int) -> bool:
        head = wanted[left] if left < len(wanted) else None
        token = given[right] if right < len(given) else None
        if head == "*" and not plain:
            return fits(left + 1, right) or (token is not None and fits(left, right + 1))
        if token == MANY:
            return fits(left, right + 1) or (head is not None and head != "/" and fits(left + 1, right))
        if head is None or token is None:
            return head is token
        same = head == token or (token == ONE and head != "/") or (head == "?" and not plain)
        return same and fits(left + 1, right + 1)

    return fits(0, 0)


ONE, MANY = "{one}", "{many}"
"""A placeholder of a template: one character that is no slash, then any number of them."""


def template_tokens(template: str) -> tuple[str, ...]:
    """A template letter by letter, each `{name}` as one character and any number more."""
    tokens: list[str] = []
    for index, part in enumerate(template.replace("}", "{").split("{")):
        tokens.extend((ONE, MANY) if index % 2 else part)
    return tuple(tokens)
