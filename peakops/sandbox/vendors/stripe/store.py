"""Finds an object, and walks a list, quickly: each list is put in order once, and again when it has grown."""

from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from peakops.sandbox.vendors.stripe.parameters import Window
from peakops.sandbox.wire import State

Object = dict[str, Any]

INDEXES_KEPT = 32
"""Three loaded worlds' lists; an index also keeps its list alive, so they are not kept for ever."""


class Index:
    """One list of objects, newest first; of two that are equally old, the one added later comes first."""

    def __init__(self, source: list[Object]) -> None:
        self.source = source
        self.length = len(source)
        places = sorted(range(self.length), key=lambda place: (-source[place]["created"], -place))
        self.objects = [source[place] for place in places]
        self.ages = [-found["created"] for found in self.objects]
        self.rank = {found["id"]: rank for rank, found in enumerate(self.objects)}
        self._by_value: dict[str, dict[Any, list[int]]] = {}

    def get(self, identifier: str) -> Object | None:
        """The object with this id."""
        rank = self.rank.get(identifier)
        return None if rank is None else self.objects[rank]

    def where(self, field: str, value: str) -> Sequence[int]:
        """The ranks of the objects whose field (a dotted path) has this value."""
        if field not in self._by_value:
            ranks: dict[Any, list[int]] = {}
            for rank, found in enumerate(self.objects):
                ranks.setdefault(identifier_of(at(found, field)), []).append(rank)
            self._by_value[field] = ranks
        return self._by_value[field].get(value, [])

    def span(self, window: Window) -> tuple[int, int]:
        """The ranks, from and before, of the objects that were created within a window."""
        start = 0 if window.last is None else bisect_left(self.ages, -window.last)
        stop = self.length if window.first is None else bisect_right(self.ages, -window.first)
        return start, max(start, stop)


_INDEXES: OrderedDict[int, Index] = OrderedDict()


def index_of(state: State, collection: str) -> Index:
    """The index of one of the state's lists."""
    source = state.setdefault(collection, [])
    index = _INDEXES.get(id(source))
    if index is None or index.source is not source or index.length != len(source):
        index = Index(source)
        _INDEXES[id(source)] = index
        while len(_INDEXES) > INDEXES_KEPT:
            _INDEXES.popitem(last=False)
    return index


def at(found: Object, field: str) -> Any:
    """The value at a dotted path, or None where the path ends early."""
    value: Any = found
    for name in field.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def identifier_of(value: Any) -> Any:
    """The id of what a field refers to, whether it holds the id or the object."""
    return value.get("id") if isinstance(value, dict) else value


def mode_of(state: State, collection: str, found: Object) -> str:
    """`live` or `test`: the object's own, or its charge's (a Refund says nothing of its mode), or that of the key."""
    if "livemode" in found:
        return "live" if found["livemode"] else "test"
    charge = identifier_of(found.get("charge"))
    if collection == "refunds" and charge and (owner := index_of(state, "charges").get(charge)):
        return mode_of(state, "charges", owner)
    return str(state.get("key", "test"))


def in_other_mode(state: State, collection: str, identifier: str, mode: str) -> bool:
    """Whether the id belongs to an object of the mode that was not asked for."""
    found = index_of(state, collection).get(identifier)
    return found is not None and mode_of(state, collection, found) != mode
