"""How a world that cannot be loaded is refused: by the place in the file, with the name that was perhaps meant."""

from collections.abc import Iterable
from typing import Any, NoReturn

from peakops.errors import BadInput


def refuse(place: str, says: str) -> NoReturn:
    """Raise BadInput that names the place: `tables.invoices[0].paid_at: ...`."""
    raise BadInput(f"{place}: {says}", code="world.invalid", source="sandbox")


def unknown(place: str, what: str, name: object, known: Iterable[str]) -> NoReturn:
    """Refuse a name that nothing has, and propose the nearest one: `no such column; did you mean amount_due?`"""
    import difflib

    near = difflib.get_close_matches(str(name), list(known), n=1, cutoff=0.6)
    refuse(place, f"no such {what}; did you mean {near[0]}?" if near else f"no such {what}.")


def only(entry: dict[str, Any], known: Iterable[str], place: str, what: str = "key") -> None:
    """Refuse an entry with a key that is not known."""
    names = set(known)
    for key in entry:
        if key not in names:
            unknown(f"{place}.{key}" if place else str(key), what, key, sorted(names))


def mapping(value: object, place: str) -> dict[str, Any]:
    """The value, if it is an object."""
    if not isinstance(value, dict):
        refuse(place, "must be an object.")
    return value


def listing(value: object, place: str) -> list[Any]:
    """The value, if it is a list."""
    if not isinstance(value, list):
        refuse(place, "must be a list.")
    return value
