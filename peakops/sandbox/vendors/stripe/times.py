"""Times in a world's Stripe objects: `"-2h"` and RFC 3339 become the Unix seconds that Stripe writes."""

from datetime import datetime
from typing import Any

from peakops.sandbox.refusals import refuse
from peakops.sandbox.times import moment
from peakops.sandbox.vendors.stripe.fields import TIMES


def absolute(value: Any, now: datetime, place: str) -> Any:
    """A copy of a value in which every time field, at whatever depth, holds Unix seconds; metadata is left alone."""
    if isinstance(value, dict):
        return {name: field(name, inner, now, f"{place}.{name}") for name, inner in value.items()}
    if isinstance(value, list):
        return [absolute(inner, now, f"{place}[{number}]") for number, inner in enumerate(value)]
    return value


def field(name: str, value: Any, now: datetime, place: str) -> Any:
    """The value of one field, copied."""
    if name == "metadata":
        return dict(value) if isinstance(value, dict) else value
    if name not in TIMES or not isinstance(value, str):
        return absolute(value, now, place)
    found = moment(value, now)
    if found is None:
        refuse(place, f"{value!r} is not a time: write Unix seconds, -2h, or 2026-11-20T15:00:00Z.")
    return int(found.timestamp())
