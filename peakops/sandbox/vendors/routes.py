"""Finds what answers a request at a vendor whose routes are a table: by the method and the template of the path."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache

from peakops.sandbox.wire import Answer, Request

Act = Callable[..., Answer]
"""Called with the vendor's state, the request, and by name what stands in the placeholders of the template."""


@dataclass(frozen=True)
class Route:
    """One route of a vendor's."""

    method: str
    template: str
    """`/v3/suppression/bounces/{email}`; a placeholder is one step of the path."""
    act: Act
    scopes: tuple[str, ...] = field(default=(), kw_only=True)
    """What the key may be good for: one of these is enough, and none is asked for where there is none."""


def find(table: Iterable[Route], request: Request) -> tuple[Route, dict[str, str]] | None:
    """The first route that a request is of, with what stands in its placeholders."""
    for route in table:
        match = pattern(route.template).fullmatch(request.path) if route.method == request.method else None
        if match:
            return route, match.groupdict()
    return None


@cache
def pattern(template: str) -> re.Pattern[str]:
    """A template as an expression with a named group for each placeholder."""
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(template)))
