"""Reads what a world says of a vendor in lists of objects: known keys only, and times made absolute."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from peakops.sandbox.refusals import listing, mapping, only, refuse, unknown
from peakops.sandbox.times import moment

Object = dict[str, Any]


def objects(value: object, keys: Collection[str], place: str) -> list[tuple[Object, str]]:
    """A copy of each object of a list, with its place in the file. Raises BadInput for a key that none has."""
    found = []
    for number, each in enumerate(listing(value, place)):
        here = f"{place}[{number}]"
        only(mapping(each, here), keys, here)
        found.append((dict(each), here))
    return found


def once(names: Iterable[str], place: str) -> None:
    """Refuse a name that means two things."""
    seen: set[str] = set()
    for each in names:
        if each in seen:
            refuse(place, f"{each} occurs twice.")
        seen.add(each)


def text(given: Object, key: str, place: str, default: str | None = None) -> str:
    """A string; without a default it must be there. Null is as if it were not there."""
    value = default if given.get(key) is None else given[key]
    return value if isinstance(value, str) else refuse(f"{place}.{key}", "must be a string.")


def one_of(given: Object, key: str, known: Collection[str], place: str, default: str) -> str:
    """A string of a closed list."""
    value = text(given, key, place, default)
    return value if value in known else unknown(f"{place}.{key}", key, value, known)


def time(given: Object, key: str, now: datetime, place: str, default: str = "-1h") -> datetime:
    """A time: absolute, said from the world's now, or in Unix seconds."""
    value = given.get(key, default)
    try:
        found = moment(value, now) if isinstance(value, str) else datetime.fromtimestamp(value, now.tzinfo)
    except (TypeError, ValueError, OverflowError):
        found = None
    return found or refuse(f"{place}.{key}", f"{value!r} is no time: write 2026-11-20T15:00:00Z, -2h, or Unix seconds.")


def number(given: Object, key: str, place: str, default: float, *, most: float) -> float:
    """A number from 0 to `most`. Null is as if it were not there; true is none."""
    value = default if given.get(key) is None else given[key]
    fits = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most
    return value if fits else refuse(f"{place}.{key}", f"must be a number from 0 to {most:g}.")


def texts(value: object, place: str) -> list[str]:
    """A list of strings."""
    return [
        each if isinstance(each, str) else refuse(place, "must be a list of strings.") for each in listing(value, place)
    ]
