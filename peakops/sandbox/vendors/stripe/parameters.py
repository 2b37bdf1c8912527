"""A request's parameters, read as Stripe reads them: nested by brackets, and refused when they are not known."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl

from peakops.sandbox.vendors.stripe.envelope import Refusal
from peakops.sandbox.wire import Request

MAXIMUM_LIMIT = 100
DEFAULT_LIMIT = 10
BOUNDS = ("gt", "gte", "lt", "lte")

_POSITION = re.compile(r"\[\d*\]$")
"""`expand[0]` and `expand[]` are both an element of `expand`."""


@dataclass(frozen=True)
class Window:
    """The first and the last second of `created` that are asked for, both inclusive; None is open."""

    first: int | None = None
    last: int | None = None


class Parameters:
    """The parameters of one request, by name; a list's elements share its name."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self.values: dict[str, list[str]] = {}
        for name, value in pairs:
            self.values.setdefault(_POSITION.sub("", name), []).append(value)

    def only(self, known: Collection[str]) -> None:
        """Refuse a parameter that the endpoint does not know."""
        for name in self.values:
            if name.partition("[")[0] not in known:
                raise Refusal(400, f"Received unknown parameter: {name}", code="parameter_unknown", param=name)

    def text(self, name: str) -> str | None:
        """One value, the last if it was given twice; an empty one is refused."""
        values = self.values.get(name)
        if values and not values[-1]:
            raise Refusal(400, f"The parameter {name} is empty.", code="parameter_invalid_empty", param=name)
        return values[-1] if values else None

    def many(self, name: str) -> list[str]:
        """A list's elements."""
        return self.values.get(name, [])

    def flag(self, name: str) -> bool | None:
        """A boolean."""
        value = self.text(name)
        if value is not None and value not in ("true", "false"):
            raise Refusal(400, f"Invalid boolean: {value}", param=name)
        return None if value is None else value == "true"

    def integer(self, name: str, *, least: int | None = None, most: int | None = None) -> int | None:
        """A whole number between its limits."""
        value = self.text(name)
        if value is None:
            return None
        if not re.fullmatch(r"-?\d{1,18}", value):
            raise Refusal(400, f"Invalid integer: {value}", code="parameter_invalid_integer", param=name)
        number = int(value)
        for wrong, bound, word in (
            (least is not None and number < least, least, "greater"),
            (most is not None and number > most, most, "less"),
        ):
            if wrong:
                message = f"This value must be {word} than or equal to {bound}."
                raise Refusal(400, message, code="parameter_invalid_integer", param=name)
        return number

    def limit(self) -> int:
        """The size of a page."""
        return self.integer("limit", least=1, most=MAXIMUM_LIMIT) or DEFAULT_LIMIT

    def created(self) -> Window:
        """The window of `created`, given as one second or by its bounds."""
        exact = self.integer("created")
        if exact is not None:
            return Window(exact, exact)
        for name in self.values:
            if name.startswith("created[") and name[8:-1] not in BOUNDS:
                raise Refusal(400, f"Received unknown parameter: {name}", code="parameter_unknown", param=name)
        above, first, below, last = (self.integer(f"created[{bound}]") for bound in BOUNDS)
        lower = [bound for bound in (first, None if above is None else above + 1) if bound is not None]
        upper = [bound for bound in (last, None if below is None else below - 1) if bound is not None]
        return Window(max(lower, default=None), min(upper, default=None))

    def metadata(self) -> dict[str, str]:
        """The pairs given as `metadata[key]`."""
        return {name[9:-1]: values[-1] for name, values in self.values.items() if name.startswith("metadata[")}


def of(request: Request) -> Parameters:
    """The query of a GET, the form of a POST."""
    if request.method == "GET":
        return Parameters(request.query)
    form = parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
    return Parameters([*request.query, *form])
